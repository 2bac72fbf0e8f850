"""The Huber loss."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Bool, Float, Int64
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from rnnlib.models.losses.base import Loss, over_observed


class Huber(Loss):
    """Squared for small errors, absolute for large ones: outliers pull no harder than any error of δ does.

    L = 1/n Σ ½ e² where |e| ≤ δ,  δ (|e| − ½ δ) elsewhere;  e = ŷ − y over the n observed values, in model units

    Source: Huber 1964, "Robust estimation of a location parameter", doi:10.1214/aoms/1177703732.
    """

    takes: ClassVar[str] = "values"
    kind: Literal["huber"] = "huber"
    delta: float = Field(1.0, gt=0, le=1e6, description="δ, the error in model units from which the loss grows evenly")

    def sums(
        self,
        output: Float[Tensor, "*values"],
        truth: Float[Tensor, "*values"],
        observed: Bool[Tensor, "*values"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The summed loss and n."""
        return over_observed(F.huber_loss(output, truth, reduction="none", delta=self.delta), observed)
