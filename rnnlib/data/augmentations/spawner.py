"""The mean of two of a class."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import torch
from jaxtyping import Float32, Int64
from pydantic import Field
from torch import Generator, Tensor

from rnnlib.data.augmentations.alignment import alignment
from rnnlib.data.augmentations.base import Augmentation, Windows


class Spawner(Augmentation):
    """Averages each sequence with another of its class in the batch, step by step along a warped path.

    The path is the cheapest by dynamic time warping among those that pass a random cell, so it is no optimal one:
    x' = ½ (x_i + x̃_j) + σ |x_i − x̃_j| ε,  ε ~ N(0, 1), over its cells (i, j), brought back to the length of x. Where a
    batch holds no other of a class, the sequence stays. Simpler than its source: the partner is first brought to the
    same length, and the cell lies anywhere within 10 % of the diagonal. Time and memory grow with the squared length.
    Source: Kamycki et al. 2020, "SPAWNER", doi:10.3390/s20010098.
    """

    fits: ClassVar[frozenset[str]] = frozenset({"classifier"})
    needs_all: ClassVar[bool] = True
    pairs: ClassVar[bool] = True

    kind: Literal["spawner"] = "spawner"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")
    sigma: float = Field(0.05, ge=0, le=1, description="noise, as a share of the distance of the two values")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One partner and one path per sequence."""
        partner = _of_class(x, draw)
        other = x.others(partner)
        cost = torch.cdist(x.values.double(), other.values.double()).square()
        rows, columns, count = alignment(self._through(cost, x, draw), x.sizes)
        own, theirs = (_cells(one.values, at) for one, at in ((x, rows), (other, columns)))
        noise = torch.randn(own.shape, generator=draw)
        mean = (own + theirs) / 2 + self.sigma * (own - theirs).abs() * noise
        path = Windows(mean, mean.shape[1], count)
        back = path.at(torch.arange(x.values.shape[1]) * (path.last / x.last.clamp(min=1)))
        alone = (partner == torch.arange(len(partner)))[:, None, None]
        return replace(x, values=torch.where(alone, x.values, back.values))

    def _through(self, cost: Tensor, x: Windows, draw: Generator) -> Tensor:
        """The cost with no way but through, or right beside, a random cell near the diagonal."""
        batch, time, _ = cost.shape
        where, off = torch.rand(2, batch, generator=draw, dtype=torch.float64)
        row = (where * x.sizes).long()
        column = (row + ((2 * off - 1) * 0.1 * x.sizes).round().long()).clamp(min=0).minimum(x.sizes - 1)
        step = torch.arange(time)
        early, low = step < row[:, None], step > column[:, None]
        late, high = step > row[:, None], step < column[:, None]
        closed = (early[..., None] & low[:, None]) | (late[..., None] & high[:, None])
        return cost.masked_fill(closed, float("inf"))


def _of_class(x: Windows, draw: Generator) -> Int64[Tensor, " batch"]:
    """Of each sequence another one with its label; itself where there is none."""
    count = len(x.values)
    own = torch.arange(count)
    if x.label is None:
        return own
    fitting = (x.label[:, None] == x.label) & (own[:, None] != own)
    chosen = torch.where(fitting, torch.rand(count, count, generator=draw), -1.0).argmax(1)
    return torch.where(fitting.any(1), chosen, own)


def _cells(values: Float32[Tensor, "batch time feature"], at: Int64[Tensor, "batch cell"]) -> Tensor:
    return values.gather(1, at[..., None].expand(-1, -1, values.shape[2]))
