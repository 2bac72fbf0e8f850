"""Linear recurrences over a sequence, with gradients written by hand."""

from __future__ import annotations

from typing import Any, cast

import torch
from jaxtyping import Num
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable


def linear_scan(
    kept: Num[Tensor, "time_or_1 batch_or_1 unit"],
    added: Num[Tensor, "time batch unit"],
    start: Num[Tensor, "batch unit"],
) -> Num[Tensor, "time batch unit"]:
    r"""Every state of a recurrence without a matrix, real or complex.

    h_t = kept_t ⊙ h_{t−1} + added_t,  h_0 = start

    `kept` may be the same at all steps and in the whole batch. One fused operation a step. Half precision is too coarse
    to add up in, so that it is read as float32.
    """
    return cast("Tensor", _LinearScan.apply(wide(kept), wide(added), wide(start)))  # type: ignore[no-untyped-call]


def wide(x: Tensor) -> Tensor:
    """The same in float32 if it is in half precision, as it is otherwise."""
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x


class _LinearScan(torch.autograd.Function):
    """∂L/∂added_t = g_t = ∂L/∂h_t + kept*_{t+1} ⊙ g_{t+1},  ∂L/∂kept_t = g_t ⊙ h*_{t−1}; * is the conjugate."""

    @staticmethod
    def forward(ctx: FunctionCtx, kept: Tensor, added: Tensor, start: Tensor) -> Tensor:
        states = added.new_empty(len(added) + 1, *start.shape)
        states[0] = start
        every_step = kept.expand_as(added).unbind(0), added.unbind(0), states[:-1].unbind(0), states[1:].unbind(0)
        for kept_now, added_now, before, after in zip(*every_step, strict=True):
            torch.addcmul(added_now, kept_now, before, out=after)
        ctx.save_for_backward(kept, states)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        kept, states = ctx.saved_tensors
        turned = kept.conj_physical().expand_as(upstream)  # conjugated once, and not by every step for itself
        gradient = upstream.clone(memory_format=torch.contiguous_format)
        steps = list(zip(turned.unbind(0), gradient.unbind(0), strict=True))
        for (turned_after, after), (_, before) in zip(steps[:0:-1], steps[-2::-1], strict=True):
            before.addcmul_(turned_after, after)
        of_kept = None
        if ctx.needs_input_grad[0]:
            of_kept = (states[:-1].conj_physical() * gradient).sum_to_size(kept.shape)
        return of_kept, gradient, turned[0] * gradient[0]
