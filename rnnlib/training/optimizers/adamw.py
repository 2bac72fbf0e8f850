"""AdamW: Adam whose decay does not go through the moments."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from rnnlib.training.optimizers.adam import counted
from rnnlib.training.optimizers.base import Memory, Optimizer


class AdamW(Optimizer):
    r"""Adaptive moments with decoupled weight decay.

    θ ← θ − η λ θ,  m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
    θ ← θ − η · m̂ / (√v̂ + ε),  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)

    The decay is no part of the gradient: weights with large gradients decay like all others. t counts the steps from 1.
    Source: Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2; the decay is scaled by η, as in torch.
    """

    kind: Literal["adamw"] = "adamw"
    beta1: float = Field(0.9, ge=0, lt=1, description="β₁, how much of the mean gradient is kept at a step")
    beta2: float = Field(0.999, ge=0, lt=1, description="β₂, how much of the mean squared gradient is kept at a step")
    epsilon: float = Field(1e-8, gt=0, le=1, description="ε, keeps the division finite")
    weight_decay: float = Field(
        1e-2, ge=0, le=10, description="λ, the share of a weight that a step of η = 1 takes off"
    )

    def start(self, theta: Float[Tensor, " weights"]) -> Memory:
        """m = 0 and v = 0."""
        return {"mean": torch.zeros_like(theta), "mean_square": torch.zeros_like(theta)}

    def step(
        self,
        theta: Float[Tensor, " weights"],
        gradient: Float[Tensor, " weights"],
        memory: Memory,
        step: int,
        learning_rate: float,
    ) -> None:
        """One step of the equations, by torch's fused kernel."""
        torch._fused_adamw_(
            [theta], [gradient], [memory["mean"]], [memory["mean_square"]], [], [counted(step, theta)],
            lr=learning_rate, beta1=self.beta1, beta2=self.beta2, weight_decay=self.weight_decay, eps=self.epsilon,
            amsgrad=False, maximize=False,
        )  # fmt: skip
