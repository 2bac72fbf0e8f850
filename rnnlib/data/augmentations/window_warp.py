"""A stretch of time that runs faster or slower."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import ANYTHING, WHOLE, Augmentation, Windows


class WindowWarp(Augmentation):
    """Stretches or squeezes a random part of a sequence f-fold, and brings the whole back to its length.

    Of n steps, w = share · (n − 1) from s ~ U(0, n − 1 − w) on; f is `factor` or 1 / `factor`, by a coin. Step t stands
    for u = t (n − 1 + w (f − 1)) / (n − 1):  x'[t] = x(u) up to s, x(s + (u − s) / f) within, x(u − w (f − 1)) behind.
    Source: Le Guennec et al. 2016, "Data augmentation for time series classification using convolutional neural
    networks"; Iwana & Uchida 2021, arXiv:2007.15951.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = ANYTHING

    kind: Literal["window_warp"] = "window_warp"
    share: float = Field(0.1, gt=0, lt=1, description="the share of a sequence's steps that is warped")
    factor: float = Field(2.0, gt=1, le=100, description="how much longer, or shorter, that part becomes")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One part and one factor per sequence."""
        batch, time, _ = x.values.shape
        width = self.share * x.last
        first = torch.rand(batch, 1, generator=draw, dtype=torch.float64) * (x.last - width)
        longer = torch.rand(batch, 1, generator=draw) < 0.5
        factor = torch.where(longer, self.factor, 1 / self.factor).double()
        stretched = torch.arange(time) * ((x.last + width * (factor - 1)) / x.last.clamp(min=1))
        within = first + (stretched - first) / factor
        behind = stretched - width * (factor - 1)
        places = torch.where(stretched < first, stretched, torch.where(within < first + width, within, behind))
        return x.at(places)
