"""RMSprop: each step divided by the running size of the gradient."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from rnnlib.training.optimizers.base import Memory, Optimizer


class RMSprop(Optimizer):
    r"""Root mean square propagation, in Keras' form and with Keras' defaults.

    v ← ρ v + (1 − ρ) g²,  θ ← θ − η g / √(v + ε);  with momentum: b ← μ b + η g / √(v + ε),  θ ← θ − b

    with g ← g + λ θ before. ε stands under the root, as in Keras; torch's own RMSprop adds it after the root, which is
    a much smaller floor (1e-7 beside 3e-4) and gives other weights.
    Source: Tieleman and Hinton 2012, Coursera lecture 6.5; keras.optimizers.RMSprop.
    """

    kind: Literal["rmsprop"] = "rmsprop"
    decay: float = Field(0.9, ge=0, lt=1, description="ρ, how much of the mean squared gradient is kept at a step")
    epsilon: float = Field(1e-7, gt=0, le=1, description="ε, keeps the division finite")
    momentum: float = Field(0.0, ge=0, lt=1, description="μ, how much of the last step is kept")

    def start(self, theta: Float[Tensor, " weights"]) -> Memory:
        """v = 0, and b = 0 where there is a momentum."""
        mean_square = {"mean_square": torch.zeros_like(theta)}
        return {**mean_square, "momentum": torch.zeros_like(theta)} if self.momentum else mean_square

    def step(
        self,
        theta: Float[Tensor, " weights"],
        gradient: Float[Tensor, " weights"],
        memory: Memory,
        step: int,  # noqa: ARG002 - its steps are all alike
        learning_rate: float,
    ) -> None:
        """One step of the equations."""
        if self.weight_decay:
            gradient.add_(theta, alpha=self.weight_decay)
        mean_square = memory["mean_square"].mul_(self.decay).addcmul_(gradient, gradient, value=1 - self.decay)
        root = (mean_square + self.epsilon).sqrt_()
        if self.momentum:
            theta.sub_(memory["momentum"].mul_(self.momentum).addcdiv_(gradient, root, value=learning_rate))
        else:
            theta.addcdiv_(gradient, root, value=-learning_rate)
