"""The simple recurrent network."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.cells.base import Cell
from rnnlib.cells.initialisation import glorot_by_gate, orthogonal_by_gate
from rnnlib.cells.layer import CellLayer, State

_ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}
_SEQUENCES = {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}


class RNN(Cell):
    r"""Simple recurrent network.

    h' = φ(W x + U h + b),  φ = tanh or relu

    x: [batch, inputs], h: [batch, units], W: [units, inputs], U: [units, units], b: [units];
    units · (units + inputs + 1) parameters a layer.

    Source: Elman 1990, "Finding structure in time".
    """

    kind: Literal["rnn"] = "rnn"
    activation: Literal["tanh", "relu"] = Field("tanh", description="φ of the equation")

    def layer(self, inputs: int) -> RNNLayer:
        """One layer of it."""
        return RNNLayer(inputs, self.units, self.activation)


class RNNLayer(CellLayer):
    """The weights of one simple recurrent layer: `kernel` W, `recurrent_kernel` U, `bias` b."""

    def __init__(self, inputs: int, units: int, activation: Literal["tanh", "relu"]) -> None:
        super().__init__()
        self.activation = activation
        self.kernel = nn.Parameter(torch.empty(units, inputs))
        self.recurrent_kernel = nn.Parameter(torch.empty(units, units))
        self.bias = nn.Parameter(torch.zeros(units))
        glorot_by_gate(self.kernel, gates=1)
        orthogonal_by_gate(self.recurrent_kernel, gates=1)

    def start(self, batch: int) -> State:
        """h = 0."""
        return (self.bias.new_zeros(batch, len(self.bias)),)

    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """h' = φ(W x + U h + b)."""
        (h,) = state
        h = _ACTIVATIONS[self.activation](x @ self.kernel.T + h @ self.recurrent_kernel.T + self.bias)
        return h, (h,)

    def sequence(
        self, x: Float[Tensor, "batch time feature"], state: State
    ) -> tuple[Float[Tensor, "batch time unit"], State]:
        """The same over a sequence, by torch's own loop; its second bias is not ours and stays 0."""
        (h,) = state
        weights = [self.kernel, self.recurrent_kernel, self.bias, torch.zeros_like(self.bias)]
        run = _SEQUENCES[self.activation]
        outputs, last = run(x, h[None], weights, True, 1, 0.0, self.training, False, True)
        return outputs, (last[0],)
