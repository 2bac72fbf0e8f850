"""Steps that come a little early or late."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import ANYTHING, WHOLE, Augmentation, Windows


class TemporalJitter(Augmentation):
    """Shows at each step one that is near it: x'[t] = x[t + d_t],  d_t ~ U{−steps, …, steps}, within the sequence.

    Frames come twice, or not at all, as a camera drops them; tags come with them. Source: Wang et al. 2016, "Temporal
    segment networks", arXiv:1608.00859 (there one draw per segment).
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = ANYTHING

    kind: Literal["temporal_jitter"] = "temporal_jitter"
    steps: int = Field(1, ge=1, le=1000, description="the most steps that it is early or late")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """Every step by itself; the order is kept."""
        batch, time, _ = x.values.shape
        off = torch.randint(-self.steps, self.steps + 1, (batch, time), generator=draw)
        near = (torch.arange(time) + off).clamp(min=0).minimum((x.sizes - 1)[:, None])
        return x.taken(torch.where(x.valid, near, time).sort(1).values.clamp(max=time - 1))
