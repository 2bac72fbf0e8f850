"""Dropout."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from rnnlib.layer import EachStep, Flow, Layer


class Dropout(Layer):
    """Zeroes each value with probability `rate` and divides the others by 1 − rate; in training only.

    y_t = m_t ⊙ x_t / (1 − rate),  m_t ~ Bernoulli(1 − rate);  locked: m_t = m, one draw for all steps of a sequence

    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"; locked: Gal and
    Ghahramani 2016, arXiv:1512.05287, by the name of Merity et al. 2017, arXiv:1708.02182.
    """

    kind: Literal["dropout"] = "dropout"
    rate: float = Field(..., gt=0, lt=1, description="the share of values that is zeroed")
    locked: bool = Field(False, description="whether a value is zeroed at all steps of a sequence or at none")

    def after(self, before: Flow) -> Flow:
        """As what comes in."""
        return before

    @property
    def one_way(self) -> bool:
        """No step sees another."""
        return True

    def build(self, before: Flow) -> DropoutSteps:  # noqa: ARG002 - it has no weights
        """The module; its masks are drawn from torch's default generator."""
        return DropoutSteps(self.rate, self.locked)


class DropoutSteps(EachStep):
    """Dropout over every value of every step, or over every value of a sequence."""

    def __init__(self, rate: float, locked: bool) -> None:
        super().__init__()
        self.rate, self.locked = rate, locked

    def each(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch time feature"]:
        """m ⊙ x / (1 − rate) in training, x otherwise."""
        if self.locked and self.training:
            return x * F.dropout(torch.ones_like(x[:, :1]), self.rate)
        return F.dropout(x, self.rate, self.training)
