"""What one layer of a recurrent cell can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.cells.streaming import Stage, StepByStep

State = tuple[Float[Tensor, "batch _"], ...]
"""What a cell carries from step to step."""


class CellLayer(nn.Module, ABC):
    """One layer of a cell: its weights, one step of it, and the same step over a whole sequence.

    Time stands first in sequences, so that every step is one block of memory and layers hand over without a copy.
    """

    initial_state: nn.Parameter | None

    def __init__(self, widths: tuple[int, ...], *, learned: bool) -> None:
        """`widths` of the state's members; `learned` where the state before the first step is a weight."""
        super().__init__()
        self.widths = widths
        self.of_pass: list[Any] | None = None
        self.register_parameter("initial_state", nn.Parameter(torch.zeros(sum(widths))) if learned else None)

    def start(self, batch: int) -> State:
        """The state before the first step: zeros, or the weights that were learned for it, which start at zero."""
        if self.initial_state is None:
            like = next(weight for weight in self._parameters.values() if weight is not None)
            return tuple(like.new_zeros(batch, width) for width in self.widths)
        return tuple(member.repeat(batch, 1) for member in self.initial_state.split_with_sizes(self.widths))

    def holding(self, given: State) -> State:
        """The state that shows `given`, one tensor for each of `widths`; where a cell keeps more, more."""
        return given

    @abstractmethod
    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """One time step, written as the equation: the output, and the state after `x`. This is the streaming step."""

    @abstractmethod
    def sequence(
        self, x: Float[Tensor, "time batch feature"], state: State
    ) -> tuple[Float[Tensor, "time batch unit"], State]:
        """Every output over `x`, and the state after its last step; equal to calling `step` in turn, but fast."""

    def stage(self, batch: int) -> Stage:
        """The layer prepared for streaming: by its step, where a cell has nothing faster."""
        return StepByStep(self, batch)


@contextmanager
def one_pass(module: nn.Module) -> Iterator[None]:
    """Within it what cells in `module` draw once a sequence is drawn once, though the sequence be read in pieces.

    It is kept in `of_pass` of each layer until the end.
    """
    layers = [one for one in module.modules() if isinstance(one, CellLayer) and one.of_pass is None]
    for layer in layers:
        layer.of_pass = []
    try:
        yield
    finally:
        for layer in layers:
            layer.of_pass = None
