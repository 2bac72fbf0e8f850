"""Quantiles that do not cross."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Float, Float64
from numpy import ndarray
from pydantic import Field, field_validator
from torch import Tensor
from torch.nn import functional as F

from rnnlib.errors import misplaced
from rnnlib.models.heads.distribution import LocationHead
from rnnlib.models.levels import Levels


class Quantile(LocationHead):
    """Quantiles of every step and column to forecast: the median, and gaps above and below it that are positive.

    q̂_½ = r_½,  q̂_τ = q̂_½ + Σ_{½ < s ≤ τ} softplus(r_s) above it,  q̂_τ = q̂_½ − Σ_{τ ≤ s < ½} softplus(r_s) below,

    r = W [h_T, static, future of every step] + b. However it is trained, no quantile passes another. The point forecast
    is the median. Source: the gaps: Park et al. 2022, "Learning quantile functions without quantile crossing",
    arXiv:2111.06581.
    """

    gives: ClassVar[str] = "quantiles"
    kind: Literal["quantile"] = "quantile"
    levels: Levels = Field((0.1, 0.5, 0.9), description="τ of each quantile, rising; 0.5 among them")

    @field_validator("levels")
    @classmethod
    def _has_a_median(cls, levels: Levels) -> Levels:
        if 0.5 not in levels:
            received = ", ".join(f"{level:g}" for level in levels)
            raise misplaced(f"the point forecast of quantiles is their median: received levels {received}; add 0.5")
        return levels

    @property
    def parameters(self) -> int:
        """One number for each level."""
        return len(self.levels)

    def read(self, raw: Float[Tensor, "*values level"]) -> Float[Tensor, "*values level"]:
        """The median, and outwards from it the sums of the gaps."""
        middle = self.levels.index(0.5)
        median, gaps = raw[..., middle : middle + 1], F.softplus(raw)
        below = gaps[..., :middle].flip(-1).cumsum(-1).flip(-1)
        return torch.cat([median - below, median, median + gaps[..., middle + 1 :].cumsum(-1)], dim=-1)

    def moved(
        self, output: Float[Tensor, "batch horizon target level"], by: Float[Tensor, "batch 1 target"]
    ) -> Float[Tensor, "batch horizon target level"]:
        """Every quantile, moved."""
        return output + by[..., None]

    def point(self, output: Float64[ndarray, "*values level"]) -> Float64[ndarray, "*values"]:
        """The median."""
        median: Float64[ndarray, "*values"] = output[..., self.levels.index(0.5)]
        return median

    def quantiles(self, output: Float64[ndarray, "*values level"]) -> Float64[ndarray, "*values level"]:
        """What it gives."""
        return output
