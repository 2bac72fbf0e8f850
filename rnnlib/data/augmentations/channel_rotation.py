"""Columns trade places."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Float32
from pydantic import Field
from torch import Generator, Tensor

from rnnlib.data.augmentations.base import Augmentation, Windows


class ChannelRotation(Augmentation):
    """Lets the columns of a window trade places: x'[t, c] = x[t, π(c)], one random permutation π per window.

    For columns of one nature (the axes of a sensor). Not for forecasters: their columns have roles. Source: Iwana &
    Uchida 2021, arXiv:2007.15951 ("rotation", its shuffle of axes).
    """

    fits: ClassVar[frozenset[str]] = frozenset({"classifier", "regressor", "tagger"})

    kind: Literal["channel_rotation"] = "channel_rotation"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")

    def changed(self, x: Windows, draw: Generator) -> Float32[Tensor, "batch time feature"]:
        """One permutation per window, the same at all of its steps."""
        batch, time, columns = x.values.shape
        permutation = torch.rand(batch, 1, columns, generator=draw).argsort(-1)
        return x.values.gather(2, permutation.expand(batch, time, columns))
