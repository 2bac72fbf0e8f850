"""Layers of a cell, one upon the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells.layer import CellLayer, State


class Stacked(nn.ModuleList):
    """Layers of one cell; every layer reads the hidden states of the layer below, through dropout in training.

    Source: dropout on what flows up and never on what flows along time, Zaremba et al. 2014, arXiv:1409.2329.
    """

    def __init__(self, layers: Iterable[CellLayer], dropout: float) -> None:
        super().__init__(layers)
        self.dropout = dropout

    def forward(
        self,
        x: Float[Tensor, "batch time feature"],
        lengths: Int64[Tensor, " batch"] | None = None,  # noqa: ARG002 - padding stands on the right: time never flows back from it
    ) -> Float[Tensor, "batch time unit"]:
        """The hidden states of the top layer, from a state of zeros."""
        for layer in self.of_cell():
            x, _ = layer.sequence(self._drop(x, layer), layer.start(len(x)))
        return x

    def start(self, batch: int) -> list[State]:
        """The state of every layer before the first step."""
        return [layer.start(batch) for layer in self.of_cell()]

    def step(
        self, x: Float[Tensor, "batch feature"], states: Sequence[State]
    ) -> tuple[Float[Tensor, "batch unit"], list[State]]:
        """One time step: the top layer's hidden state, and the state of every layer after it."""
        after = []
        for layer, state in zip(self.of_cell(), states, strict=True):
            after.append(layer.step(self._drop(x, layer), state))
            x = after[-1][0]
        return x, after

    def of_cell(self) -> list[CellLayer]:
        """The layers, from the lowest up."""
        return cast("list[CellLayer]", list(self))

    def _drop(self, x: Tensor, layer: nn.Module) -> Tensor:
        return x if layer is self[0] else F.dropout(x, self.dropout, self.training)
