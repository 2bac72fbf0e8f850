"""Parts of frames."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.pictures import OfFrames, affine, over_pictures, seen
from rnnlib.data.augmentations.windows import Windows


class FrameCrop(OfFrames):
    """Cuts the same part out of all frames of a window and enlarges it to their size.

    Its sides are s ~ U(share, 1) of the frame's, its place is anywhere within. Source: Krizhevsky, Sutskever and Hinton
    2012, "ImageNet classification with deep convolutional neural networks" (random crops).
    """

    kind: Literal["frame_crop"] = "frame_crop"
    share: float = Field(0.8, ge=0.05, lt=1, description="the least side of the part, as a share of the frame's")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One part per window."""
        size, right, down = torch.rand(3, len(x.values), generator=draw)
        side, none = self.share + (1 - self.share) * size, torch.zeros(len(x.values))
        room = 1 - side
        where = affine((side, none, room * (2 * right - 1)), (none, side, room * (2 * down - 1)))
        return over_pictures(x, lambda frames: seen(frames, where))
