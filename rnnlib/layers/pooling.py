"""Pooling over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Self

import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn

from rnnlib.errors import misplaced
from rnnlib.layer import Flow, Layer, Lengths, Memory, Streams
from rnnlib.padding import last_valid, valid_steps, zeroed

Pool = Literal["last", "mean", "max"]


class Pooling(Layer):
    """A whole sequence as one step.

    last: x_T;  mean: Σ_t x_t / T;  max: max_t x_t, value by value; over the T valid steps. Several stand side by side.

    x: [batch, time, width]; what comes out: [batch, 1, width · number of ways].

    Source: mean and max beside the last state, Howard and Ruder 2018, arXiv:1801.06146 (concat pooling).
    """

    kind: Literal["pooling"] = "pooling"
    by: tuple[Pool, ...] = Field(..., min_length=1, max_length=3, description="what is taken of a sequence, in order")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.by)) < len(self.by):
            raise misplaced(f"each way stands once: received {', '.join(self.by)}; take one out", "by")
        return self

    def after(self, before: Flow) -> Flow:
        """One step, `len(by)` times as wide."""
        width = None if before.width is None else before.width * len(self.by)
        return before._replace(width=width, steps=1, aligned=False)

    @property
    def one_way(self) -> bool:
        """Its one step rests on all of them."""
        return False

    def build(self, before: Flow) -> PooledSteps:
        """The module; it has no weights."""
        return PooledSteps(self.by, before.known)


class PooledSteps(nn.Module, Streams):
    """Pooling; step by step, what it would give if the sequence ended there."""

    def __init__(self, by: tuple[Pool, ...], width: int) -> None:
        super().__init__()
        self.by, self.width = by, width

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch 1 pooled"], None]:
        """Each way's value, side by side; a single step has no padding."""
        return torch.cat([POOLED[way](x, lengths) for way in self.by], dim=1)[:, None], None

    def start(self, batch: int) -> Memory:
        """How many steps were seen, their sum, their greatest values."""
        zeros = torch.zeros(batch, self.width)
        return torch.zeros(batch, 1), zeros, zeros - torch.inf

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch pooled"], Memory]:
        """What is pooled so far."""
        seen, total, greatest = (value.to(x) for value in memory)
        seen, total, greatest = seen + 1, total + x, torch.maximum(greatest, x)
        values = {"last": x, "mean": total / seen, "max": greatest}
        return torch.cat([values[way] for way in self.by], dim=1), (seen, total, greatest)


def _mean(x: Float[Tensor, "batch time feature"], lengths: Lengths) -> Float[Tensor, "batch feature"]:
    return x.mean(dim=1) if lengths is None else zeroed(x, lengths).sum(dim=1) / lengths[:, None]


def _greatest(x: Float[Tensor, "batch time feature"], lengths: Lengths) -> Float[Tensor, "batch feature"]:
    if lengths is None:
        return x.amax(dim=1)
    return x.masked_fill(~valid_steps(lengths, x.shape[1])[..., None], -torch.inf).amax(dim=1)


POOLED: Mapping[Pool, Callable[[Tensor, Lengths], Tensor]] = {"last": last_valid, "mean": _mean, "max": _greatest}
