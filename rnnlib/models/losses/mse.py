"""The squared error."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Bool, Float, Int64
from torch import Tensor

from rnnlib.models.losses.base import Loss, over_observed


class MeanSquaredError(Loss):
    """Mean squared error: its smallest value is at the mean of what may come.

    L = 1/n Σ (ŷ − y)²  over the n observed values

    Source: Gauss 1809; Hastie, Tibshirani and Friedman 2009, "The Elements of Statistical Learning", chapter 2.4.
    """

    takes: ClassVar[str] = "values"
    kind: Literal["mse"] = "mse"

    def sums(
        self,
        output: Float[Tensor, "*values"],
        truth: Float[Tensor, "*values"],
        observed: Bool[Tensor, "*values"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """Σ (ŷ − y)² and n."""
        return over_observed((output - truth).square(), observed)
