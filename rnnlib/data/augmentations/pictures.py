"""The frames of a window as pictures, and pictures seen from elsewhere."""

from __future__ import annotations

from typing import ClassVar

import torch
from jaxtyping import Float32
from torch import Tensor
from torch.nn import functional as F

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import Augmentation
from rnnlib.data.augmentations.windows import Windows

PIXELS: frozenset[Holds] = frozenset({"pixels"})


class OfFrames(Augmentation):
    """An augmentation of pictures: it does the same to all frames of a window, those to come included."""

    works_on: ClassVar[frozenset[Holds]] = PIXELS


def pictures(x: Windows) -> Float32[Tensor, "batch picture row column"]:
    """All frames and channels of each window: [batch, time · channel, height, width]."""
    assert x.columns is not None, "pixels are told from numbers by their columns"
    assert x.columns.frame is not None, "frames have a height and a width"
    height, width, channels = x.columns.frame
    batch, time, _ = x.values.shape
    frames = x.values[..., x.holding(PIXELS)].reshape(batch, time, height, width, channels)
    return frames.permute(0, 1, 4, 2, 3).reshape(batch, time * channels, height, width)


def pictured(x: Windows, frames: Float32[Tensor, "batch picture row column"]) -> Windows:
    """The windows with other frames."""
    batch, time, _ = x.values.shape
    count, height, width = frames.shape[1:]
    flat = frames.reshape(batch, time, count // time, height, width).permute(0, 1, 3, 4, 2).reshape(batch, time, -1)
    values = x.values.clone()
    values[..., x.holding(PIXELS)] = flat
    return x.valued(values)


def seen(
    frames: Float32[Tensor, "batch picture row column"], where: Float32[Tensor, "batch 2 3"]
) -> Float32[Tensor, "batch picture row column"]:
    """Pictures seen from elsewhere: (x, y) shows what was at where · (x, y, 1), the middle being (0, 0).

    Either axis reaches from −1 to 1; between pixels by bilinear interpolation, beyond the edge the edge's own pixels.
    Source: Jaderberg et al. 2015, arXiv:1506.02025.
    """
    grid = F.affine_grid(where, list(frames.shape), align_corners=False)
    return F.grid_sample(frames, grid, mode="bilinear", padding_mode="border", align_corners=False)


def affine(*rows: tuple[Tensor, Tensor, Tensor]) -> Float32[Tensor, "batch 2 3"]:
    """The matrix of these two rows for each window: what is seen, and how far it is to the right, or down."""
    return torch.stack([torch.stack(row, -1) for row in rows], 1)
