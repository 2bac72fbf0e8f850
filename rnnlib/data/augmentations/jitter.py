"""Noise on the input."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.base import Augmentation, Windows


class Jitter(Augmentation):
    """Adds Gaussian noise to the input: x' = x + σ ε, ε ~ N(0, 1) for every step and column; truth stays clean.

    Source: Um et al. 2017, arXiv:1706.00527.
    """

    kind: Literal["jitter"] = "jitter"
    sigma: float = Field(
        0.03, gt=0, le=10, description="noise in model units (training standard deviations after `standard`)"
    )

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """Noise over the context; the horizon is left as it is."""
        noise = torch.zeros_like(x.values)
        noise[:, : x.context] = torch.randn(noise[:, : x.context].shape, generator=draw)
        return x.valued(x.values + self.sigma * noise, x.holding(self.works_on))
