"""Normal distributions."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float, Float64
from numpy import ndarray
from torch import Tensor
from torch.nn import functional as F

from rnnlib.models.heads.distribution import SMALLEST, LocationHead


class Gaussian(LocationHead):
    """A normal distribution for every step and column to forecast.

    y ~ N(μ, σ²),  μ = r_1,  σ = softplus(r_2) + 10⁻⁶,  r = W [h_T, static, future of every step] + b

    Its quantiles are μ + σ Φ⁻¹(τ), its point forecast is μ, mean and median. Source: Nix and Weigend 1994, "Estimating
    the mean and variance of the target probability distribution".
    """

    gives: ClassVar[str] = "gaussian"
    kind: Literal["gaussian"] = "gaussian"

    @property
    def parameters(self) -> int:
        """μ and σ."""
        return 2

    def read(self, raw: Float[Tensor, "*values 2"]) -> Float[Tensor, "*values 2"]:
        """μ and σ > 0."""
        return torch.stack([raw[..., 0], F.softplus(raw[..., 1]) + SMALLEST], dim=-1)

    def moved(
        self, output: Float[Tensor, "batch horizon target 2"], by: Float[Tensor, "batch 1 target"]
    ) -> Float[Tensor, "batch horizon target 2"]:
        """μ, moved."""
        return torch.stack([output[..., 0] + by, output[..., 1]], dim=-1)

    def point(self, output: Float64[ndarray, "*values 2"]) -> Float64[ndarray, "*values"]:
        """μ."""
        mean: Float64[ndarray, "*values"] = output[..., 0]
        return mean

    def quantiles(self, output: Float64[ndarray, "*values 2"]) -> Float64[ndarray, "*values level"]:
        """μ + σ Φ⁻¹(τ)."""
        from scipy.special import ndtri  # a quarter of a second, which `rnn check` does not need

        found: Float64[ndarray, "*values level"] = output[..., :1] + output[..., 1:] * ndtri(np.array(self.levels))
        return found
