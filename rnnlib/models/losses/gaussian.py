"""The negative log-likelihood of normal distributions."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from jaxtyping import Bool, Float, Int64
from torch import Tensor

from rnnlib.models.losses.base import Loss, over_observed


class GaussianLoss(Loss):
    """How improbable the truth is under the normal distribution that is forecast, in nats.

    L = 1/n Σ log σ + ½ ((y − μ) / σ)² + ½ log 2π  over the n observed values

    Source: Nix and Weigend 1994, "Estimating the mean and variance of the target probability distribution".
    """

    takes: ClassVar[str] = "gaussian"
    kind: Literal["gaussian"] = "gaussian"

    def sums(
        self,
        output: Float[Tensor, "*values 2"],
        truth: Float[Tensor, "*values"],
        observed: Bool[Tensor, "*values"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """−Σ log p(y) and n; the output holds μ and σ of every value."""
        mean, scale = output.unbind(dim=-1)
        losses = scale.log() + 0.5 * ((truth - mean) / scale).square() + 0.5 * math.log(2 * math.pi)
        return over_observed(losses, observed)
