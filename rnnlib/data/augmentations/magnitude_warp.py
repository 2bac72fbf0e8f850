"""An amplitude that changes along time."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.base import Augmentation, Windows
from rnnlib.data.augmentations.spline import smooth


class MagnitudeWarp(Augmentation):
    """Multiplies each column by a smooth curve: x'[t] = x[t] s(t), over context and horizon alike.

    s is a cubic spline through knots ~ N(1, σ²), evenly spaced from the first step to the last.
    Source: Um et al. 2017, arXiv:1706.00527.
    """

    kind: Literal["magnitude_warp"] = "magnitude_warp"
    sigma: float = Field(0.2, gt=0, le=10, description="standard deviation of the knots around 1")
    knots: int = Field(4, ge=2, le=64, description="heights that a curve goes through, its ends counted")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One curve per window and column."""
        batch, time, columns = x.values.shape
        heights = 1 + self.sigma * torch.randn(batch, self.knots, columns, generator=draw, dtype=torch.float64)
        curve = smooth(heights, (torch.arange(time) / x.last.clamp(min=1)).clamp(max=1))
        return x.valued(x.values * curve.float(), x.holding(self.works_on))
