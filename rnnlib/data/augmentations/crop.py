"""A part of the sequence."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import ANYTHING, WHOLE, Augmentation, Windows


class Crop(Augmentation):
    """Keeps a random part of each sequence, which is then shorter: m ~ U{⌈share · n⌉, …, n} steps from a random one on.

    Source: Cui et al. 2016, "Multi-scale convolutional neural networks for time series classification",
    arXiv:1603.06995; for texts and recordings alike.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = ANYTHING

    kind: Literal["crop"] = "crop"
    share: float = Field(0.8, ge=0.01, lt=1, description="the least share of a sequence's steps that is kept")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """The part moves to the front; one step is always left."""
        batch, time, _ = x.values.shape
        size, (length, start) = x.sizes, torch.rand(2, batch, generator=draw, dtype=torch.float64)
        least = (self.share * size).ceil().long().clamp(min=1).minimum(size)
        kept = least + (length * (size - least + 1)).long()
        first = (start * (size - kept + 1)).long()
        moved = x.taken((first[:, None] + torch.arange(time)).clamp(max=time - 1))
        return replace(moved, lengths=kept)
