"""Layers of a cell, one upon the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells.layer import CellLayer
from rnnlib.layer import Lengths, Memory, Streams


class Stacked(nn.ModuleList, Streams):
    """Layers of one cell; every layer reads the hidden states of the layer below, through dropout in training.

    Source: dropout on what flows up and never on what flows along time, Zaremba et al. 2014, arXiv:1409.2329.
    """

    def __init__(self, layers: Iterable[CellLayer], dropout: float) -> None:
        super().__init__(layers)
        self.dropout = dropout

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time unit"], Lengths]:
        """The outputs of the top layer, from the state at the start; padding on the right never flows back."""
        return self.sequence(x, self.start(len(x)))[0], lengths

    def sequence(
        self, x: Float[Tensor, "batch time feature"], memory: Memory
    ) -> tuple[Float[Tensor, "batch time unit"], Memory]:
        """The outputs of the top layer from the states in `memory` on, and the states after the last step of time."""
        after = []
        for layer, state in zip(self.of_cell(), memory, strict=True):
            x, state_after = layer.sequence(self._drop(x, layer), state)
            after.append(state_after)
        return x, tuple(after)

    def start(self, batch: int) -> Memory:
        """The state of every layer before the first step."""
        return tuple(layer.start(batch) for layer in self.of_cell())

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch unit"], Memory]:
        """One time step: the top layer's output, and the state of every layer after it."""
        after = []
        for layer, state in zip(self.of_cell(), memory, strict=True):
            x, state_after = layer.step(self._drop(x, layer), state)
            after.append(state_after)
        return x, tuple(after)

    def of_cell(self) -> list[CellLayer]:
        """The layers, from the lowest up."""
        return cast("list[CellLayer]", list(self))

    def _drop(self, x: Tensor, layer: nn.Module) -> Tensor:
        return x if layer is self[0] else F.dropout(x, self.dropout, self.training)
