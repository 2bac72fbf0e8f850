"""Layers of a cell, one upon the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells.layer import CellLayer, one_pass
from rnnlib.cells.streaming import Streaming
from rnnlib.errors import ModelError
from rnnlib.layer import Lengths, Memory, Streams
from rnnlib.padding import last_valid, valid_steps


class Between(NamedTuple):
    """What stands between stacked layers.

    Source: dropout on what flows up and never on what flows along time, Zaremba et al. 2014, arXiv:1409.2329;
    residual connections between layers, Wu et al. 2016, arXiv:1609.08144.
    """

    dropout: float
    residual: bool
    last: bool = False
    """Whether only the last output of the whole stack leaves it."""

    def read(self, x: Float[Tensor, "*shape"], place: int, training: bool) -> Float[Tensor, "*shape"]:
        """What the layer at `place` reads of `x`: all of it in the lowest, through dropout in the others."""
        return x if place == 0 else F.dropout(x, self.dropout, training)

    def shown(
        self, x: Float[Tensor, "*shape"], outputs: Float[Tensor, "*shape_"], place: int
    ) -> Float[Tensor, "*shape_"]:
        """What the layer at `place` shows above: y = x + cell(x) with residual connections, in all but the lowest."""
        return x + outputs if self.residual and place > 0 else outputs


class Stacked(nn.ModuleList, Streams):
    """Layers of one cell that read one way; every layer reads the outputs of the layer below."""

    def __init__(self, layers: Iterable[CellLayer], between: Between) -> None:
        super().__init__(layers)
        self.between = between

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time_ unit"], Lengths]:
        """The outputs of the top layer, or its last one; padding on the right never flows back."""
        outputs, _ = self._through(valid_only(x, lengths), self.start(len(x)))
        return (last_valid(outputs, lengths)[:, None], None) if self.between.last else (outputs, lengths)

    def sequence(
        self, x: Float[Tensor, "batch time feature"], memory: Memory, lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time unit"], Memory]:
        """The outputs of the top layer from the states in `memory` on, and each sequence's states after its last step.

        A sequence of length 0 keeps its states. Outputs at padding are 0.
        """
        if lengths is None:
            return self._through(x, memory)
        pieces, before = [], 0
        with one_pass(self):
            for length in sorted(set(lengths.tolist()) - {0} or {1}):
                outputs, after = self._through(x[:, before:length], memory)
                going = lengths > before
                memory = _where(going[:, None], after, memory)
                pieces.append(outputs.masked_fill(~going[:, None, None], 0))
                before = length
        return F.pad(torch.cat(pieces, 1), (0, 0, 0, x.shape[1] - before)), memory

    def start(self, batch: int) -> Memory:
        """The state of every layer before the first step."""
        return tuple(layer.start(batch) for layer in self.of_cell())

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch unit"], Memory]:
        """One time step: the top layer's output, and the state of every layer after it."""
        after = []
        for place, (layer, state) in enumerate(zip(self.of_cell(), memory, strict=True)):
            outputs, state_after = layer.step(self.between.read(x, place, self.training), state)
            x = self.between.shown(x, outputs, place)
            after.append(state_after)
        return x, tuple(after)

    def streaming(self, batch: int = 1) -> Streaming:
        """Prepared for prediction one step at a time, with the weights as they are now; from the state at the start.

        Raises `ModelError` in training.
        """
        if self.training:
            rule = "streaming predicts: nothing is dropped and weights stand still"
            raise ModelError(f"{rule}: received a module in training; call eval() first")
        return Streaming([layer.stage(batch) for layer in self.of_cell()], residual=self.between.residual)

    def of_cell(self) -> list[CellLayer]:
        """The layers, from the lowest up."""
        return cast("list[CellLayer]", list(self))

    def _through(self, x: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Every layer over every step; time stands first between the layers, so that none pays for a transposition."""
        x, after = x.transpose(0, 1), []
        for place, (layer, state) in enumerate(zip(self.of_cell(), memory, strict=True)):
            outputs, state_after = layer.sequence(self.between.read(x, place, self.training), state)
            x = self.between.shown(x, outputs, place)
            after.append(state_after)
        return x.transpose(0, 1), tuple(after)


def valid_only(x: Float[Tensor, "batch time feature"], lengths: Lengths) -> Float[Tensor, "batch time feature"]:
    """Zero where there is padding, so that nothing of what stands there, NaN included, reaches a gradient."""
    return x if lengths is None else x.masked_fill(~valid_steps(lengths, x.shape[1])[:, :, None], 0)


def _where(chosen: Tensor, one: Memory, other: Memory) -> Memory:
    return tuple(
        torch.where(chosen, a, b) if isinstance(a, Tensor) else _where(chosen, a, b)
        for a, b in zip(one, other, strict=True)
    )
