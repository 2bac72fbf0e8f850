"""The negative log-likelihood of Student's t distributions."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from rnnlib.models.losses.base import Loss, over_observed


class StudentTLoss(Loss):
    """How improbable the truth is under the t distribution that is forecast, in nats: outliers cost less than normally.

    L = 1/n Σ ½ (ν + 1) log(1 + z² / ν) + log σ + ½ log(ν π) + log Γ(ν/2) − log Γ((ν + 1)/2),  z = (y − μ) / σ

    over the n observed values. Source: Lange, Little and Taylor 1989, doi:10.1080/01621459.1989.10478852.
    """

    takes: ClassVar[str] = "student_t"
    kind: Literal["student_t"] = "student_t"

    def sums(
        self,
        output: Float[Tensor, "*values 3"],
        truth: Float[Tensor, "*values"],
        observed: Bool[Tensor, "*values"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """−Σ log p(y) and n; the output holds ν, μ and σ of every value."""
        freedom, mean, scale = output.unbind(dim=-1)
        tail = 0.5 * (freedom + 1) * torch.log1p(((truth - mean) / scale).square() / freedom)
        norm = torch.lgamma(freedom / 2) - torch.lgamma((freedom + 1) / 2) + 0.5 * (freedom * math.pi).log()
        return over_observed(tail + scale.log() + norm, observed)
