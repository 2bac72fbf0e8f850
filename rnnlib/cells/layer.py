"""What one layer of a recurrent cell can do."""

from __future__ import annotations

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor, nn

State = tuple[Float[Tensor, "batch unit"], ...]
"""What a cell carries from step to step."""


class CellLayer(nn.Module, ABC):
    """One layer of a cell: its weights, one step of it, and the same step over a whole sequence."""

    @abstractmethod
    def start(self, batch: int) -> State:
        """The state before the first step: zeros."""

    @abstractmethod
    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """One time step, written as the equation: the output, and the state after `x`. This is the streaming step."""

    @abstractmethod
    def sequence(
        self, x: Float[Tensor, "batch time feature"], state: State
    ) -> tuple[Float[Tensor, "batch time unit"], State]:
        """Every output over `x`, and the state after its last step; equal to calling `step` in turn, but fast."""
