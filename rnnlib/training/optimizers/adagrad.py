"""Adagrad: each weight's steps shrink with all of its gradients so far."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from rnnlib.training.optimizers.adam import counted
from rnnlib.training.optimizers.base import Memory, Optimizer


class Adagrad(Optimizer):
    r"""Adaptive gradient.

    s ← s + g²,  θ ← θ − η g / (√s + ε)

    with g ← g + λ θ before. s only grows: a weight that is seldom asked for keeps taking long steps.
    Source: Duchi, Hazan and Singer 2011, JMLR 12; the diagonal form.
    """

    kind: Literal["adagrad"] = "adagrad"
    learning_rate: float = Field(1e-2, gt=0, le=10, description="η, the size of a step")
    initial: float = Field(0.0, ge=0, le=1e3, description="s before the first step; Keras starts with 0.1")
    epsilon: float = Field(1e-10, gt=0, le=1, description="ε, keeps the division finite")

    def start(self, theta: Float[Tensor, " weights"]) -> Memory:
        """s is `initial`."""
        return {"sum_of_squares": torch.full_like(theta, self.initial)}

    def step(
        self,
        theta: Float[Tensor, " weights"],
        gradient: Float[Tensor, " weights"],
        memory: Memory,
        step: int,
        learning_rate: float,
    ) -> None:
        """One step of the equations, by torch's fused kernel."""
        torch._fused_adagrad_(
            [theta], [gradient], [memory["sum_of_squares"]], [counted(step, theta)],
            lr=learning_rate, lr_decay=0.0, weight_decay=self.weight_decay, eps=self.epsilon, maximize=False,
        )  # fmt: skip
