"""The negative log-likelihood of negative binomial distributions."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from rnnlib.models.losses.base import Loss, over_observed


class NegativeBinomialLoss(Loss):
    """How improbable a count is under the negative binomial distribution that is forecast, in nats.

    L = −1/n Σ log Γ(y + 1/α) − log Γ(y + 1) − log Γ(1/α) − (y + 1/α) log(1 + α μ) + y log(α μ)

    over the n observed values; mean μ, variance μ + α μ². Source: Salinas et al. 2017, "DeepAR", arXiv:1704.04110.
    """

    takes: ClassVar[str] = "negative_binomial"
    kind: Literal["negative_binomial"] = "negative_binomial"

    def sums(
        self,
        output: Float[Tensor, "*values 2"],
        truth: Float[Tensor, "*values"],
        observed: Bool[Tensor, "*values"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """−Σ log P(y) and n; the output holds μ and α of every value."""
        # of a nearly Poisson count two log Γ of some 10⁷ differ by little: float32 would have nothing left of it
        (mean, dispersion), exact = output.double().unbind(dim=-1), truth.double()
        size, product = 1 / dispersion, dispersion * mean
        ways = torch.lgamma(exact + size) - torch.lgamma(exact + 1) - torch.lgamma(size)
        losses = (exact + size) * torch.log1p(product) - torch.xlogy(exact, product) - ways
        return over_observed(losses.to(output.dtype), observed)
