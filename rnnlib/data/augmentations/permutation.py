"""Segments trade places."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import ANYTHING, WHOLE, Augmentation, Windows


class Permutation(Augmentation):
    """Cuts a sequence into k segments of about equal length and puts them together in a random order.

    Step t of n is in segment ⌊t k / n⌋. Source: Um et al. 2017, arXiv:1706.00527.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = ANYTHING

    kind: Literal["permutation"] = "permutation"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")
    segments: int = Field(4, ge=2, le=1024, description="k, the segments that a sequence is cut into")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One order per sequence; steps keep their order within a segment."""
        batch, time, _ = x.values.shape
        step = torch.arange(time).expand(batch, time)
        segment = (step * self.segments // x.sizes.clamp(min=1)[:, None]).clamp(max=self.segments - 1)
        place = torch.rand(batch, self.segments, generator=draw).argsort(1).gather(1, segment)
        return x.taken(torch.where(x.valid, place, self.segments).argsort(dim=1, stable=True))
