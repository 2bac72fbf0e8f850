"""Dropout."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from rnnlib.layer import EachStep, Flow, Layer


class Dropout(Layer):
    """Zeroes each value with probability `rate` and divides the others by 1 − rate; in training only.

    y = m ⊙ x / (1 − rate),  m ~ Bernoulli(1 − rate)

    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    """

    kind: Literal["dropout"] = "dropout"
    rate: float = Field(..., gt=0, lt=1, description="the share of values that is zeroed")

    def after(self, before: Flow) -> Flow:
        """As what comes in."""
        return before

    @property
    def one_way(self) -> bool:
        """No step sees another."""
        return True

    def build(self, before: Flow) -> DropoutSteps:  # noqa: ARG002 - it has no weights
        """The module; its masks are drawn from torch's default generator."""
        return DropoutSteps(self.rate)


class DropoutSteps(EachStep):
    """Dropout over every value of every step."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def each(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch time feature"]:
        """m ⊙ x / (1 − rate) in training, x otherwise."""
        return F.dropout(x, self.rate, self.training)
