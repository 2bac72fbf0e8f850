"""Stochastic gradient descent, with momentum where it is asked for."""

from __future__ import annotations

from typing import Literal, Self

import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor

from rnnlib.errors import misplaced
from rnnlib.training.optimizers.base import Memory, Optimizer


class SGD(Optimizer):
    r"""Stochastic gradient descent with momentum.

    b ← μ b + g (b = g at the first step),  θ ← θ − η b;  with `nesterov`: θ ← θ − η (g + μ b)

    with g ← g + λ θ before; μ = 0 is plain descent, θ ← θ − η g.
    Source: Polyak 1964; Nesterov's form as in Sutskever et al. 2013.
    """

    kind: Literal["sgd"] = "sgd"
    learning_rate: float = Field(1e-2, gt=0, le=10, description="η, the size of a step")
    momentum: float = Field(0.0, ge=0, lt=1, description="μ, how much of the last step's direction is kept")
    nesterov: bool = Field(False, description="look ahead along the momentum; needs a momentum")

    @model_validator(mode="after")
    def _nesterov_looks_along_a_momentum(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise misplaced(
                "`nesterov` has an effect only with a momentum, received momentum 0: set one (0.9), or leave it out",
                "nesterov",
            )
        return self

    def start(self, theta: Float[Tensor, " weights"]) -> Memory:
        """b = 0 where there is a momentum."""
        return {"momentum": torch.zeros_like(theta)} if self.momentum else {}

    def step(
        self,
        theta: Float[Tensor, " weights"],
        gradient: Float[Tensor, " weights"],
        memory: Memory,
        step: int,  # noqa: ARG002 - b = 0 before the first step makes it b = g
        learning_rate: float,
    ) -> None:
        """One step of the equations, by torch's fused kernel."""
        torch._fused_sgd_(
            [theta], [gradient], list(memory.values()),
            weight_decay=self.weight_decay, momentum=self.momentum, lr=learning_rate, dampening=0.0,
            nesterov=self.nesterov, maximize=False, is_first_step=False,
        )  # fmt: skip
