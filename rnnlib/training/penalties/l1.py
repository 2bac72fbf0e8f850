"""The L1 penalty."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rnnlib.training.flat import Flat
from rnnlib.training.penalties.base import WeightPenalty


class L1(WeightPenalty):
    """The sum of the weights' sizes: pulls all to 0 with the same force, so that those not needed arrive there.

    R = Σ |θ_i|,  ∂R/∂θ_i = sign(θ_i), 0 at 0

    Source: Tibshirani 1996, "Regression shrinkage and selection via the lasso"; Goodfellow et al. 2016, chapter 7.1.2.
    """

    kind: Literal["l1"] = "l1"
    on: Literal["kernels", "all"] = Field("kernels", description="`kernels` spares biases and other vectors")

    def falls_on(self, flat: Flat) -> bool:  # noqa: ARG002 - every weight has a size
        """Every module has weights."""
        return True

    def add_gradient(self, flat: Flat) -> None:
        """g ← g + λ sign(θ)."""
        end = flat.matrices if self.on == "kernels" else len(flat.theta)
        flat.gradient[:end].add_(flat.theta[:end].sign(), alpha=self.weight)
