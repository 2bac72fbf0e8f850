"""Bands of frequencies that are not heard."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import WHOLE, Augmentation, Windows


class BandMask(Augmentation):
    """Sets bands of neighbouring columns to 0: x'[c] = 0 for f ≤ c < f + w,  w ~ U{0, …, widest}, f anywhere.

    For spectra, whose columns are frequencies in their order; 0 is the train part's mean where values were
    standardised. Source: Park et al. 2019, "SpecAugment", arXiv:1904.08779.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = frozenset({"numbers"})

    kind: Literal["band_mask"] = "band_mask"
    masks: int = Field(1, ge=1, le=64, description="bands of a sequence")
    widest: int = Field(8, ge=1, le=100_000, description="the most columns of a band; never all of them")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """The same bands at all steps of a sequence; they may overlap."""
        batch, _, columns = x.values.shape
        length, start = torch.rand(2, batch, self.masks, generator=draw, dtype=torch.float64)
        width = (length * (min(self.widest, columns - 1) + 1)).long()
        first, column = (start * (columns - width + 1)).long(), torch.arange(columns)
        hidden = ((column >= first[..., None]) & (column < (first + width)[..., None])).any(1)
        return x.valued(x.values.masked_fill(hidden[:, None], 0), x.holding(self.works_on))
