"""One step at a time, as fast as it goes: weights packed once, memory that is written in place.

For prediction only: no gradient passes. Every number equals that of `step` in evaluation, to rounding.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from rnnlib.layer import Memory

if TYPE_CHECKING:
    from rnnlib.cells.layer import CellLayer, State


class Stage(ABC):
    """One layer, prepared for a number of sequences side by side; it keeps its own state."""

    @abstractmethod
    def push(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch unit"]:
        """One step; what comes back may be written over by the next one."""

    @abstractmethod
    def state(self) -> tuple[Tensor, ...]:
        """The state after the last step, in memory of its own."""

    @abstractmethod
    def restore(self, state: tuple[Tensor, ...]) -> None:
        """Goes on from `state`."""


class StepByStep(Stage):
    """Any layer, by its step."""

    def __init__(self, layer: CellLayer, batch: int) -> None:
        self._layer, self._state = layer, layer.start(batch)

    def push(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch unit"]:
        """The layer's step."""
        output, self._state = self._layer.step(x, self._state)
        return output

    def state(self) -> State:
        """A copy of it."""
        return tuple(member.clone() for member in self._state)

    def restore(self, state: State) -> None:
        """Goes on from a copy of `state`."""
        self._state = tuple(member.clone() for member in state)


class Packed(Stage):
    """A layer whose gates all come of one product: [x, h] times W beside U, written into one piece of memory."""

    def __init__(self, kernel: Tensor, recurrent: Tensor, bias: Tensor, state: tuple[Tensor, ...]) -> None:
        """`kernel` [rows, inputs], `recurrent` [rows, units], `bias` [rows], and the state before the first step."""
        inputs, units = kernel.shape[1], recurrent.shape[1]
        self.weights = torch.cat([kernel, recurrent], 1).detach().t().contiguous()
        self.bias = bias.detach().clone()
        self.seen = self.weights.new_zeros(len(state[0]), inputs + units)
        self.x, self.h = self.seen.split_with_sizes((inputs, units), 1)
        self.gates = self.weights.new_empty(len(state[0]), len(kernel))
        self.kept = (self.h, *(member.detach().clone() for member in state[1:]))
        self.restore(state)

    def push(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch unit"]:
        """W x + U h + b in one product, then the equation, which writes h."""
        self.x.copy_(x)
        torch.addmm(self.bias, self.seen, self.weights, out=self.gates)
        self.advance()
        return self.h

    @abstractmethod
    def advance(self) -> None:
        """The state after the step, written over the one before, from `gates`."""

    def state(self) -> tuple[Tensor, ...]:
        """A copy of it."""
        return tuple(member.clone() for member in self.kept)

    def restore(self, state: tuple[Tensor, ...]) -> None:
        """Goes on from `state`."""
        for member, value in zip(self.kept, state, strict=True):
            member.copy_(value.detach())


class Streaming:
    """All layers of a cell, prepared for streaming with the weights that they have now."""

    def __init__(self, stages: Sequence[Stage], *, residual: bool) -> None:
        self._stages, self._residual = tuple(stages), residual

    def push(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch unit"]:
        """One step of time: the top layer's output."""
        if torch.is_grad_enabled():
            with torch.no_grad():
                return self.push(x)
        for place, stage in enumerate(self._stages):
            outputs = stage.push(x)
            x = x + outputs if self._residual and place else outputs
        return x.clone()

    def memory(self) -> Memory:
        """The state of every layer after the last step, as `Stacked.step` gives it."""
        return tuple(stage.state() for stage in self._stages)

    def restore(self, memory: Memory) -> None:
        """Goes on from `memory`; from `Stacked.start` begins a new sequence."""
        for stage, state in zip(self._stages, memory, strict=True):
            stage.restore(state)
