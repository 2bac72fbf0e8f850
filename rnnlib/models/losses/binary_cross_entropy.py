"""The cross-entropy of truths that are yes or no."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float, Int64
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from rnnlib.models.losses.base import Loss


class BinaryCrossEntropy(Loss):
    """Cross-entropy of several truths at once, each of which may be 1 or 0 whatever the others are, in nats.

    L = −1/n Σ_t Σ_k [y_tk log p_tk + (1 − y_tk) log(1 − p_tk)],  p = σ(logits)

    `per: step` counts the cases t that have a known truth as n, so that L is nats per case, summed over its columns:
    what is reported of piano rolls. `per: value` counts every known value.

    Source: Goodfellow, Bengio and Courville 2016, "Deep Learning", chapter 6.2.2; over piano rolls:
    Boulanger-Lewandowski, Bengio and Vincent 2012, arXiv:1206.6392.
    """

    takes: ClassVar[str] = "binary_logits"
    kind: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    per: Literal["step", "value"] = Field(
        "step", description="what the mean is over: steps, the columns of each summed, or single values"
    )

    def sums(
        self,
        output: Float[Tensor, "case value"],
        truth: Float[Tensor, "case value"],
        observed: Bool[Tensor, "case value"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """−Σ log p of the truths, and the number of cases or of values."""
        known = torch.ones_like(truth, dtype=torch.bool) if observed is None else observed
        losses = F.binary_cross_entropy_with_logits(output, truth.to(output.dtype), reduction="none")
        counted = known if self.per == "value" else known.any(dim=-1)
        return torch.where(known, losses, 0.0).sum(), counted.sum()
