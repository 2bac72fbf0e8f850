"""What every optimizer has: a learning rate, a weight decay, and one verb, `build`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

import torch
from pydantic import Field
from torch import nn

from rnnlib.part import Part


class Optimizer(Part):
    """Turns gradients into steps. θ are the weights, g the gradient of the loss, η the learning rate, λ the decay.

    Every member adds the L2 penalty to the gradient first: g ← g + λ θ, the gradient of loss + λ/2 · ‖θ‖².
    It falls on all weights, biases included.
    """

    learning_rate: float = Field(1e-3, gt=0, le=10, description="η, the size of a step")
    weight_decay: float = Field(0.0, ge=0, le=10, description="λ of the L2 penalty λ/2 · ‖θ‖² on all weights")

    @abstractmethod
    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The optimizer over `parameters`; its state fills as it steps."""
