"""The section of averaged weights."""

from __future__ import annotations

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from rnnlib.part import Part


class Average(Part):
    """An exponential moving average of the weights, which is what is evaluated and kept.

    From the beginning of epoch `from_epoch` on: θ̄ = θ, then after every step θ̄ ← d θ̄ + (1 − d) θ. Training goes on with
    θ; θ̄ moves less, and often scores better. Statistics that are no weights (batch normalisation's) are those of θ.
    Source: Polyak and Juditsky 1992; the exponential form: Tarvainen and Valpola 2017, arXiv:1703.01780.
    """

    decay: float = Field(0.999, gt=0, lt=1, description="d, how much of the average is kept at a step")
    from_epoch: int = Field(1, ge=1, le=1_000_000, description="the epoch that the average begins with")

    def begun(
        self, average: Float[Tensor, " weights"] | None, theta: Float[Tensor, " weights"], epoch: int
    ) -> Float[Tensor, " weights"] | None:
        """θ̄ before a step of `epoch`; none before `from_epoch`."""
        return theta.clone() if average is None and epoch >= self.from_epoch else average
