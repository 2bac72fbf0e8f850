"""The quantile (pinball) loss."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float, Int64
from pydantic import Field
from torch import Tensor

from rnnlib.models.levels import Levels
from rnnlib.models.losses.base import Loss, over_observed


class QuantileLoss(Loss):
    """Pinball loss: of each level τ, its smallest value is at the τ-quantile of what may come.

    L = 1/n Σ 1/|levels| Σ_τ max(τ (y − q̂_τ), (τ − 1) (y − q̂_τ))  over the n observed values

    Source: Koenker and Bassett 1978, "Regression quantiles", doi:10.2307/1913643.
    """

    takes: ClassVar[str] = "quantiles"
    from_head: ClassVar[tuple[str, ...]] = ("levels",)
    kind: Literal["quantile"] = "quantile"
    levels: Levels | None = Field(None, description="τ of each output, in its order; left out: those of the head")

    def sums(
        self,
        output: Float[Tensor, "*values level"],
        truth: Float[Tensor, "*values"],
        observed: Bool[Tensor, "*values"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over the observed values, a mean over the levels of each, and n."""
        assert self.levels is not None, "a model gives its loss the levels of its head"
        levels = torch.tensor(self.levels, dtype=output.dtype, device=output.device)
        above = truth[..., None] - output
        return over_observed(torch.maximum(levels * above, (levels - 1) * above).mean(dim=-1), observed)
