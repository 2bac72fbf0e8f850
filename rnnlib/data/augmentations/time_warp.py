"""Time that runs now faster, now slower."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import ANYTHING, WHOLE, Augmentation, Windows
from rnnlib.data.augmentations.spline import smooth

_SLOWEST = 0.1


class TimeWarp(Augmentation):
    """Lets time run at a speed that changes smoothly: x'[t] = x(τ(t)), between steps by linear interpolation.

    τ(t) = (n − 1) Σ_{i<t} v_i / Σ_{i<n−1} v_i,  v_i = max(0.1, a cubic spline through knots ~ N(1, σ²)): the first and
    the last step stay, and time never runs back. Source: Um et al. 2017, arXiv:1706.00527.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = ANYTHING

    kind: Literal["time_warp"] = "time_warp"
    sigma: float = Field(0.2, gt=0, le=10, description="standard deviation of the speed around 1")
    knots: int = Field(4, ge=2, le=64, description="speeds that the curve goes through, its ends counted")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One course of time per sequence."""
        batch, time, _ = x.values.shape
        heights = 1 + self.sigma * torch.randn(batch, self.knots, 1, generator=draw, dtype=torch.float64)
        step = torch.arange(time)
        speed = smooth(heights, (step / x.last.clamp(min=1)).clamp(max=1))[..., 0].clamp(min=_SLOWEST)
        run = torch.where(step < x.last, speed, 0.0).cumsum(1)
        passed = torch.cat([torch.zeros(batch, 1, dtype=torch.float64), run[:, :-1]], 1)
        return x.at(passed * (x.last / run[:, -1:].clamp(min=_SLOWEST)))
