"""Noise under a recording."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import WHOLE, Augmentation, Windows
from rnnlib.errors import misplaced


class Noise(Augmentation):
    """Adds white noise so many decibels below the recording: x' = x + σ ε,  σ² = mean(x²) / 10^(r / 10).

    r ~ U(low, high) dB, ε ~ N(0, 1); the mean is over the recording's own samples.
    Source: Ko et al. 2017, doi:10.1109/ICASSP.2017.7953152.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = frozenset({"samples"})

    kind: Literal["noise"] = "noise"
    low: float = Field(10.0, ge=-20, le=120, description="the least signal-to-noise ratio, in dB")
    high: float = Field(40.0, ge=-20, le=120, description="the greatest signal-to-noise ratio, in dB")

    @model_validator(mode="after")
    def _low_is_lower(self) -> Self:
        if self.low > self.high:
            raise misplaced(f"`low` is at most `high`: received {self.low:g} and {self.high:g}; exchange them", "low")
        return self

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One ratio per recording."""
        ratio = self.low + (self.high - self.low) * torch.rand(len(x.values), 1, 1, generator=draw)
        power = x.values.double().square().sum(1, keepdim=True) / x.sizes.clamp(min=1)[:, None, None]
        noise = torch.randn(x.values.shape, generator=draw)
        return x.valued(x.values + (power / 10 ** (ratio / 10)).sqrt().float() * noise, x.holding(self.works_on))
