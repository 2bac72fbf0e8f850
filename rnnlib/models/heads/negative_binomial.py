"""Negative binomial distributions, of counts."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Float, Float64
from numpy import ndarray
from torch import Tensor
from torch.nn import functional as F

from rnnlib.models.heads.distribution import SMALLEST, DistributionHead


class NegativeBinomial(DistributionHead):
    """A negative binomial distribution for every step and column to forecast: of counts that vary more than Poisson's.

    y ~ NB(μ, α),  mean μ = softplus(r_1) + 10⁻⁶,  variance μ + α μ² with α = softplus(r_2) + 10⁻⁶,

    r = W [h_T, static, future of every step] + b. The target must be counts as they came: no `normalize` of `target`.
    The point forecast is the mean μ, for the median of rare counts is 0 throughout. Source: Salinas et al. 2017,
    "DeepAR", arXiv:1704.04110.
    """

    gives: ClassVar[str] = "negative_binomial"
    counts: ClassVar[bool] = True
    kind: Literal["negative_binomial"] = "negative_binomial"

    @property
    def parameters(self) -> int:
        """μ and α."""
        return 2

    def read(self, raw: Float[Tensor, "*values 2"]) -> Float[Tensor, "*values 2"]:
        """μ > 0 and α > 0."""
        return F.softplus(raw) + SMALLEST

    def point(self, output: Float64[ndarray, "*values 2"]) -> Float64[ndarray, "*values"]:
        """μ."""
        mean: Float64[ndarray, "*values"] = output[..., 0]
        return mean

    def quantiles(self, output: Float64[ndarray, "*values 2"]) -> Float64[ndarray, "*values level"]:
        """The least count below which a share of at least τ lies."""
        from scipy.stats import nbinom

        mean, dispersion = output[..., 0, None], output[..., 1, None]
        chance = 1 / (1 + dispersion * mean)
        found: Float64[ndarray, "*values level"] = nbinom.ppf(np.array(self.levels), 1 / dispersion, chance)
        return found
