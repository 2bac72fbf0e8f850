"""Louder and quieter."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import WHOLE, Augmentation, Windows


class Gain(Augmentation):
    """Makes a recording louder or quieter: x' = 10^(g / 20) x,  g ~ U(−decibels, decibels).

    Source: Salamon & Bello 2017, arXiv:1608.04363 (there "dynamic range"); 6 dB is a factor of 2.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = frozenset({"samples"})

    kind: Literal["gain"] = "gain"
    decibels: float = Field(6.0, gt=0, le=120, description="the most that it becomes louder or quieter, in dB")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One gain per recording."""
        gain = self.decibels * (2 * torch.rand(len(x.values), 1, 1, generator=draw) - 1)
        return x.valued(x.values * 10 ** (gain / 20), x.holding(self.works_on))
