"""A run of words that is not seen."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import OF_TEXTS, Augmentation, Windows


class TokenMask(Augmentation):
    """Makes runs of tokens unknown: x'[t] = 0 (`<unknown>`) for s ≤ t < s + w, w ~ U{1, …, longest}, s anywhere.

    At least one token of a sequence of two or more is left. Source: Joshi et al. 2020, "SpanBERT", arXiv:1907.10529.
    """

    fits: ClassVar[frozenset[str]] = OF_TEXTS
    works_on: ClassVar[frozenset[Holds]] = frozenset({"tokens"})

    kind: Literal["token_mask"] = "token_mask"
    spans: int = Field(1, ge=1, le=64, description="runs of a sequence that are made unknown")
    longest: int = Field(3, ge=1, le=10_000, description="the most tokens of a run")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """Runs may overlap."""
        batch, time, _ = x.values.shape
        size, (length, start) = x.sizes[:, None], torch.rand(2, batch, self.spans, generator=draw)
        width = torch.minimum(1 + (length * self.longest).long(), (size - 1) // self.spans).clamp(min=0)
        first, step = (start * (size - width + 1)).long(), torch.arange(time)
        hidden = ((step >= first[..., None]) & (step < (first + width)[..., None])).any(1)
        return x.valued(x.values.masked_fill(hidden[..., None], 0), x.holding(self.works_on))
