"""What every optimizer has: a learning rate, a weight decay, and two verbs over flat tensors, `start` and `step`."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal, Self

from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor

from rnnlib.errors import misplaced
from rnnlib.part import Part

Memory = dict[str, Tensor]
"""What an optimizer remembers between steps: tensors as long as θ, by their names."""


class Optimizer(Part):
    """Turns gradients into steps. θ are the weights, g the gradient of the loss, η the learning rate, λ the decay.

    Unless a member says otherwise, the L2 penalty is added to the gradient first: g ← g + λ θ, the gradient of
    loss + λ/2 · ‖θ‖².
    """

    learning_rate: float = Field(1e-3, gt=0, le=10, description="η, the size of a step")
    weight_decay: float = Field(0.0, ge=0, le=10, description="λ of the L2 penalty λ/2 · ‖θ‖² on the weights")
    decays: Literal["all", "kernels"] = Field(
        "all", description="what the decay falls on: all weights, or `kernels` alone, which spares biases and scales"
    )

    @model_validator(mode="after")
    def _something_decays(self) -> Self:
        if self.decays != "all" and self.weight_decay == 0:
            rule = "`decays` has an effect only with a weight decay, received weight_decay 0"
            raise misplaced(f"{rule}: set one (1e-4), or leave it out", "decays")
        return self

    @abstractmethod
    def start(self, theta: Float[Tensor, " weights"]) -> Memory:
        """What is remembered before the first step."""

    @abstractmethod
    def step(
        self,
        theta: Float[Tensor, " weights"],
        gradient: Float[Tensor, " weights"],
        memory: Memory,
        step: int,
        learning_rate: float,
    ) -> None:
        """Moves θ in place, and what is remembered; `step` counts from 1. The gradient may be used up."""
