"""Frames that are turned."""

from __future__ import annotations

import math
from typing import Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.pictures import OfFrames, Pictures, affine, over_pictures, seen
from rnnlib.data.augmentations.windows import Windows


class FrameRotation(OfFrames):
    """Turns all frames of a window around their middle by one angle: φ ~ U(−degrees, degrees).

    What was at R(φ) (x, y) is seen at (x, y); between pixels by bilinear interpolation, beyond the edge the edge's own
    pixels. Source: Shorten & Khoshgoftaar 2019, doi:10.1186/s40537-019-0197-0.
    """

    kind: Literal["frame_rotation"] = "frame_rotation"
    degrees: float = Field(15.0, gt=0, le=180, description="the greatest angle")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One angle per window."""
        angle = math.radians(self.degrees) * (2 * torch.rand(len(x.values), generator=draw) - 1)
        sine, cosine, none = angle.sin(), angle.cos(), torch.zeros(len(x.values))

        def turned(frames: Pictures) -> Pictures:
            ratio = frames.shape[2] / frames.shape[3]  # a pixel is as wide as it is high
            return seen(frames, affine((cosine, -sine * ratio, none), (sine / ratio, cosine, none)))

        return over_pictures(x, turned)
