"""A stretch of the sequence, stretched back."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import ANYTHING, WHOLE, Augmentation, Windows


class WindowSlice(Augmentation):
    """Keeps a random stretch of each sequence and stretches it back to the full length by linear interpolation.

    With n valid steps, w = max(1, share · (n − 1)) and a start s ~ U(0, n − 1 − w):
    x'[t] = x(s + t · w / (n − 1)), between steps by linear interpolation. Not for forecasters: the horizon's place
    in time would move. Source: Le Guennec et al. 2016, "Data augmentation for time series classification using
    convolutional neural networks"; stretched back as in Iwana & Uchida 2021, arXiv:2007.15951.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = ANYTHING

    kind: Literal["window_slice"] = "window_slice"
    share: float = Field(0.9, ge=0.05, lt=1, description="the share of a sequence's steps that is kept")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """A slice per sequence; sequences of one or two steps stay as they are."""
        batch, time, _ = x.values.shape
        width = (self.share * x.last).clamp(min=1).minimum(x.last)
        first = torch.rand(batch, 1, generator=draw, dtype=torch.float64) * (x.last - width)
        return x.at(first + torch.arange(time) * (width / x.last.clamp(min=1)))
