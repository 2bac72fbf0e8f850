"""Another amplitude."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.base import Augmentation, Windows


class Scaling(Augmentation):
    """Multiplies each column of a window by one factor: x' = s x, s ~ N(1, σ²), over context and horizon alike.

    Source: Um et al. 2017, arXiv:1706.00527.
    """

    kind: Literal["scaling"] = "scaling"
    sigma: float = Field(0.1, gt=0, le=10, description="standard deviation of the factor around 1")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One factor per window and column."""
        batch, _, columns = x.values.shape
        factor = 1 + self.sigma * torch.randn(batch, 1, columns, generator=draw)
        return x.valued(x.values * factor, x.holding(self.works_on))
