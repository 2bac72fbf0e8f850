"""Frames from nearer or farther."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.pictures import OfFrames, affine, over_pictures, seen
from rnnlib.data.augmentations.windows import Windows


class FrameScaling(OfFrames):
    """Enlarges or shrinks what all frames of a window show, around their middle, by one factor: f ~ U(1 − r, 1 + r).

    What was at (x, y) / f is seen at (x, y). Source: Shorten & Khoshgoftaar 2019, doi:10.1186/s40537-019-0197-0.
    """

    kind: Literal["frame_scaling"] = "frame_scaling"
    change: float = Field(0.1, gt=0, le=0.9, description="r, the most that sizes change, as a share of them")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One factor per window."""
        smaller = 1 / (1 + self.change * (2 * torch.rand(len(x.values), generator=draw) - 1))
        none = torch.zeros(len(x.values))
        where = affine((smaller, none, none), (none, smaller, none))
        return over_pictures(x, lambda frames: seen(frames, where))
