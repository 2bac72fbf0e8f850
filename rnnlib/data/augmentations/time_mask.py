"""A stretch of time that is not seen."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.base import WHOLE, Augmentation, Windows


class TimeMask(Augmentation):
    """Sets stretches of time to 0: x'[t] = 0 for s ≤ t < s + w,  w ~ U{0, …, ⌊share · n⌋}, s anywhere.

    0 is the train part's mean where values were standardised, as in the source. Spectra, series and frames alike.
    Source: Park et al. 2019, "SpecAugment", arXiv:1904.08779.
    """

    fits: ClassVar[frozenset[str]] = WHOLE

    kind: Literal["time_mask"] = "time_mask"
    masks: int = Field(1, ge=1, le=64, description="stretches of a sequence")
    share: float = Field(0.2, gt=0, lt=1, description="the longest stretch, as a share of the sequence's steps")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """Stretches may overlap."""
        batch, time, _ = x.values.shape
        size, (length, start) = x.sizes[:, None], torch.rand(2, batch, self.masks, generator=draw, dtype=torch.float64)
        width = (length * ((self.share * size).long() + 1)).long()
        first, step = (start * (size - width + 1)).long(), torch.arange(time)
        hidden = ((step >= first[..., None]) & (step < (first + width)[..., None])).any(1)
        return x.valued(x.values.masked_fill(hidden[..., None], 0), x.holding(self.works_on))
