"""Matrix products of the fast sequence functions: in the precision that is asked for, into memory that is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

AT_ONCE = 512 << 10
"""Bytes of what goes into the gates, or of its gradients, that are computed for several steps at once: few enough to
stay in the cache between being written and being read, enough for a product of their own. Measured: half and twice as
many do alike; a GRU whose gradients are computed over all steps, operation by operation, takes half as long again."""

Sequence = Float[Tensor, "time batch _"]

tanh_slope = torch.ops.aten.tanh_backward.grad_input
"""(δ, y, grad_input=into): δ ⊙ (1 − y²)."""
sigmoid_slope = torch.ops.aten.sigmoid_backward.grad_input
"""(δ, y, grad_input=into): δ ⊙ y ⊙ (1 − y)."""


def precision(x: Tensor) -> torch.dtype:
    """The type that products are computed in: autocast's where it is on, else that of the values."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


def add_product(base: Tensor, a: Float[Tensor, "row inner"], b: Float[Tensor, "inner column"], out: Tensor) -> None:
    """out = base + a b, the product computed in the type of `b`; `base` and `out` may be one tensor."""
    if a.dtype == b.dtype == base.dtype:
        torch.addmm(base, a, b, out=out)
    else:
        torch.add(base, torch.mm(a.to(b.dtype), b), out=out)


def read_ahead(
    x: Sequence, kernel: Float[Tensor, "row feature"], bias: Float[Tensor, " row"], into: Sequence, dtype: torch.dtype
) -> Iterator[Float[Tensor, "batch row"]]:
    """W x + b of one step after the other, computed for a few of them at once, which are still in the cache then."""
    down, at_once = kernel.to(dtype).t(), _steps_at_once(len(x), into[0])
    for first in range(0, len(x), at_once):
        rows, gates = x[first : first + at_once].flatten(0, 1), into[first : first + at_once]
        add_product(bias, rows, down, gates.flatten(0, 1))
        yield from gates.unbind(0)


def _steps_at_once(time: int, one: Float[Tensor, "batch row"]) -> int:
    return max(1, min(time, AT_ONCE // max(1, one.numel() * one.element_size())))


class Sizes(NamedTuple):
    """What `Gradients` is to gather."""

    width: int
    """Gradients of one step."""
    dtype: torch.dtype
    """What products are computed in."""
    of_x: bool
    """Whether the gradient of x is wanted."""


class Gradients:
    """The gradients of weights and inputs, from those of what goes into the gates: a few steps at a time."""

    def __init__(self, x: Sequence, before: Sequence, kernel: Tensor, recurrent: Tensor, sizes: Sizes) -> None:
        """`before`: the hidden state before every step.

        Of the gradients of one step the first ones go through U, the last ones through W.
        """
        self.time, one = len(x), before.new_empty(x.shape[1], sizes.width)
        self.at_once = _steps_at_once(self.time, one)
        self.gathered = before.new_empty(self.at_once, *one.shape)
        self.of_x = torch.empty_like(x) if sizes.of_x else None
        self.of_kernel, self.of_recurrent = torch.zeros_like(kernel), torch.zeros_like(recurrent)
        self.of_sums = before.new_zeros(sizes.width)
        self._x, self._before, self._kernel, self._dtype = x, before, kernel.to(sizes.dtype), sizes.dtype

    def pieces(self) -> Iterator[tuple[int, int]]:
        """First step and end of each piece, from the last to the first; a piece is taken in when the next is asked for.

        Step t of a piece is written into `gathered[t - first]`.
        """
        for end in range(self.time, 0, -self.at_once):
            first = max(0, end - self.at_once)
            yield first, end
            self._take(first, end)

    def _take(self, first: int, end: int) -> None:
        rows = self.gathered[: end - first].flatten(0, 1)
        through_state, through_inputs = rows[:, : len(self.of_recurrent)], rows[:, -len(self.of_kernel) :]
        before, x = (one[first:end].flatten(0, 1).to(self._dtype) for one in (self._before, self._x))
        add_product(self.of_recurrent, through_state.t(), before, self.of_recurrent)
        add_product(self.of_kernel, through_inputs.t(), x, self.of_kernel)
        self.of_sums.add_(rows.sum(0))
        if self.of_x is not None:
            self.of_x[first:end] = torch.mm(through_inputs.to(self._dtype), self._kernel).view(-1, *self.of_x.shape[1:])
