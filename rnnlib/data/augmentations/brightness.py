"""Brighter and darker."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.pictures import PIXELS, OfFrames
from rnnlib.data.augmentations.windows import Windows


class Brightness(OfFrames):
    """Makes all frames of a window brighter or darker: x' = x + b,  b ~ U(−change, change), in model units.

    Source: Shorten & Khoshgoftaar 2019, doi:10.1186/s40537-019-0197-0.
    """

    kind: Literal["brightness"] = "brightness"
    change: float = Field(0.2, gt=0, le=10, description="the most that is added or taken away, in model units")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One step of brightness per window."""
        added = self.change * (2 * torch.rand(len(x.values), 1, 1, generator=draw) - 1)
        return x.valued(x.values + added, x.holding(PIXELS))
