"""The frames of a window as pictures, and pictures seen from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from jaxtyping import Float32
from torch import Tensor
from torch.nn import functional as F

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import Augmentation
from rnnlib.data.augmentations.gaps import gaps, with_gaps
from rnnlib.data.augmentations.spans import Course
from rnnlib.data.augmentations.windows import Windows

Pictures = Float32[Tensor, "batch picture row column"]
"""All frames and channels of each window."""

_ROUNDING = 1e-4
"""A smaller share of a pixel is none."""

PIXELS: frozenset[Holds] = frozenset({"pixels"})


class OfFrames(Augmentation):
    """An augmentation of pictures: it does the same to all frames of a window, those to come included."""

    works_on: ClassVar[frozenset[Holds]] = PIXELS


def over_pictures(x: Windows, change: Callable[[Pictures], Pictures]) -> Windows:
    """The windows with all their frames changed; a pixel that is made of one that has no value has none."""
    made, gone = _replaced(x, x.values, change), gaps(x)
    if gone is None:
        return x.valued(made)
    return with_gaps(x.valued(made), _replaced(x, gone.float(), change) > _ROUNDING)


def _replaced(x: Windows, values: Course, change: Callable[[Pictures], Pictures]) -> Course:
    """Values of the windows' shape with their frames changed."""
    assert x.columns is not None, "pixels are told from numbers by their columns"
    assert x.columns.frame is not None, "frames have a height and a width"
    height, width, channels = x.columns.frame
    batch, time, _ = values.shape
    pixels = x.holding(PIXELS)
    frames = values[..., pixels].reshape(batch, time, height, width, channels).permute(0, 1, 4, 2, 3)
    changed = change(frames.reshape(batch, time * channels, height, width))
    made = values.clone()
    made[..., pixels] = changed.reshape(frames.shape).permute(0, 1, 3, 4, 2).reshape(batch, time, -1)
    return made


def seen(frames: Pictures, where: Float32[Tensor, "batch 2 3"]) -> Pictures:
    """Pictures seen from elsewhere: (x, y) shows what was at where · (x, y, 1), the middle being (0, 0).

    Either axis reaches from −1 to 1; between pixels by bilinear interpolation, beyond the edge the edge's own pixels.
    Source: Jaderberg et al. 2015, arXiv:1506.02025.
    """
    grid = F.affine_grid(where, list(frames.shape), align_corners=False)
    return F.grid_sample(frames, grid, mode="bilinear", padding_mode="border", align_corners=False)


def affine(*rows: tuple[Tensor, Tensor, Tensor]) -> Float32[Tensor, "batch 2 3"]:
    """The matrix of these two rows for each window: what is seen, and how far it is to the right, or down."""
    return torch.stack([torch.stack(row, -1) for row in rows], 1)
