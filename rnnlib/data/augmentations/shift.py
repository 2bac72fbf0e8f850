"""Earlier and later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import MEASURED, WHOLE, Augmentation, Windows


class Shift(Augmentation):
    """Moves a sequence along time: x'[t] = x[t − d], 0 where that is outside of it.

    d ~ U{−⌊share · n⌋, …, ⌊share · n⌋}. What is moved out is lost, and a step without a value has no tag.
    Source: Salamon & Bello 2017, arXiv:1608.04363.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = MEASURED
    needs_all: ClassVar[bool] = True

    kind: Literal["shift"] = "shift"
    share: float = Field(0.1, gt=0, lt=1, description="the most that it is moved, as a share of its length")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One distance per sequence."""
        batch, time, _ = x.values.shape
        size, most = x.sizes[:, None], (self.share * x.sizes).long()[:, None]
        distance = (torch.rand(batch, 1, generator=draw, dtype=torch.float64) * (2 * most + 1)).long() - most
        source = torch.arange(time) - distance
        outside = (source < 0) | (source >= size)
        moved = x.taken(source.clamp(0, time - 1))
        filled: dict[str, Any] = {
            name: value.masked_fill(outside.view(*outside.shape, *[1] * (value.dim() - 2)), 0)
            for name in ("values", "tags", "tags_observed")
            if (value := getattr(moved, name)) is not None
        }
        return replace(moved, **filled)
