"""Backwards."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import ANYTHING, WHOLE, Augmentation, Windows


class TimeFlip(Augmentation):
    """Plays a sequence backwards: x'[t] = x[n − 1 − t] of n steps; tags and gaps turn with it.

    For what has no direction of its own, of series as of frames. Source: Iwana & Uchida 2021, arXiv:2007.15951.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = ANYTHING

    kind: Literal["time_flip"] = "time_flip"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")

    def changed(self, x: Windows, draw: Generator) -> Windows:  # noqa: ARG002 - nothing is drawn but which windows
        """The last step first; padding stays behind."""
        return x.taken((x.last.long() - torch.arange(x.values.shape[1])).clamp(min=0))
