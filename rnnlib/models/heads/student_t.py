"""Student's t distributions."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float, Float64
from numpy import ndarray
from torch import Tensor
from torch.nn import functional as F

from rnnlib.models.heads.distribution import SMALLEST, LocationHead


class StudentT(LocationHead):
    """A t distribution for every step and column to forecast: heavy tails, as heavy as the data asks for.

    (y − μ) / σ ~ t(ν),  ν = 2 + softplus(r_1),  μ = r_2,  σ = softplus(r_3) + 10⁻⁶,

    r = W [h_T, static, future of every step] + b; above 2 degrees of freedom the variance is finite. Its point forecast
    is μ, mean and median. Source: Student 1908, doi:10.2307/2331554; as a head: Salinas et al. 2017, arXiv:1704.04110.
    """

    gives: ClassVar[str] = "student_t"
    kind: Literal["student_t"] = "student_t"

    @property
    def parameters(self) -> int:
        """ν, μ and σ."""
        return 3

    def read(self, raw: Float[Tensor, "*values 3"]) -> Float[Tensor, "*values 3"]:
        """ν > 2, μ and σ > 0."""
        freedom, scale = 2 + F.softplus(raw[..., 0]), F.softplus(raw[..., 2]) + SMALLEST
        return torch.stack([freedom, raw[..., 1], scale], dim=-1)

    def moved(
        self, output: Float[Tensor, "batch horizon target 3"], by: Float[Tensor, "batch 1 target"]
    ) -> Float[Tensor, "batch horizon target 3"]:
        """μ, moved."""
        return torch.stack([output[..., 0], output[..., 1] + by, output[..., 2]], dim=-1)

    def point(self, output: Float64[ndarray, "*values 3"]) -> Float64[ndarray, "*values"]:
        """μ."""
        mean: Float64[ndarray, "*values"] = output[..., 1]
        return mean

    def quantiles(self, output: Float64[ndarray, "*values 3"]) -> Float64[ndarray, "*values level"]:
        """μ + σ times the quantiles of t(ν)."""
        from scipy.special import stdtrit  # a quarter of a second, which `rnn check` does not need

        freedom, mean, scale = (output[..., place, None] for place in range(3))
        found: Float64[ndarray, "*values level"] = mean + scale * stdtrit(freedom, np.array(self.levels))
        return found
