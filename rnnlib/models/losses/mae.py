"""The absolute error."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Bool, Float, Int64
from torch import Tensor

from rnnlib.models.losses.base import Loss, over_observed


class MeanAbsoluteError(Loss):
    """Mean absolute error: its smallest value is at the median of what may come, so outliers pull it less.

    L = 1/n Σ |ŷ − y|  over the n observed values

    Source: Laplace 1774; Hastie, Tibshirani and Friedman 2009, "The Elements of Statistical Learning", chapter 10.6.
    """

    takes: ClassVar[str] = "values"
    kind: Literal["mae"] = "mae"

    def sums(
        self,
        output: Float[Tensor, "*values"],
        truth: Float[Tensor, "*values"],
        observed: Bool[Tensor, "*values"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """Σ |ŷ − y| and n."""
        return over_observed((output - truth).abs(), observed)
