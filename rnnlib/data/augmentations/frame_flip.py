"""Frames in a mirror."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.pictures import OfFrames, over_pictures
from rnnlib.data.augmentations.windows import Windows


class FrameFlip(OfFrames):
    """Turns all frames of a window over: left and right change places, or top and bottom.

    x'[i, j] = x[i, w − 1 − j], or x[h − 1 − i, j]. Source: Shorten & Khoshgoftaar 2019, doi:10.1186/s40537-019-0197-0.
    """

    kind: Literal["frame_flip"] = "frame_flip"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")
    axis: Literal["horizontal", "vertical"] = Field("horizontal", description="left for right, or top for bottom")

    def changed(self, x: Windows, draw: Generator) -> Windows:  # noqa: ARG002 - nothing is drawn but which windows
        """All frames of all windows."""
        return over_pictures(x, lambda frames: frames.flip(3 if self.axis == "horizontal" else 2))
