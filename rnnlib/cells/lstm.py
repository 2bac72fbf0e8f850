"""Long short-term memory."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.cells.base import Cell
from rnnlib.cells.initialisation import glorot_by_gate, orthogonal_by_gate
from rnnlib.cells.layer import CellLayer, State

GATES = 4


class LSTM(Cell):
    r"""Long short-term memory.

    i = σ(W_i x + U_i h + b_i),  f = σ(W_f x + U_f h + b_f),  o = σ(W_o x + U_o h + b_o),
    g = tanh(W_g x + U_g h + b_g),  c' = f ⊙ c + i ⊙ g,  h' = o ⊙ tanh(c')

    x: [batch, inputs], h and c: [batch, units], each W: [units, inputs], U: [units, units], b: [units];
    4 · units · (units + inputs + 1) parameters a layer. b_f starts at 1, so that a new cell remembers.

    Source: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; the forget gate: Gers et al. 2000,
    doi:10.1162/089976600300015015; its bias of 1: Jozefowicz et al. 2015.
    """

    kind: Literal["lstm"] = "lstm"

    def layer(self, inputs: int) -> LSTMLayer:
        """One layer of it."""
        return LSTMLayer(inputs, self.units)


class LSTMLayer(CellLayer):
    """The weights of one LSTM layer: `kernel` W, `recurrent_kernel` U, `bias` b; rows in the order i, f, g, o."""

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.kernel = nn.Parameter(torch.empty(GATES * units, inputs))
        self.recurrent_kernel = nn.Parameter(torch.empty(GATES * units, units))
        self.bias = nn.Parameter(torch.zeros(GATES * units))
        glorot_by_gate(self.kernel, GATES)
        orthogonal_by_gate(self.recurrent_kernel, GATES)
        nn.init.ones_(self.bias.detach()[units : 2 * units])

    def start(self, batch: int) -> State:
        """h = 0 and c = 0."""
        return self.bias.new_zeros(batch, self.units), self.bias.new_zeros(batch, self.units)

    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """c' = f ⊙ c + i ⊙ g,  h' = o ⊙ tanh(c')."""
        h, c = state
        i, f, g, o = (x @ self.kernel.T + h @ self.recurrent_kernel.T + self.bias).chunk(GATES, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, (h, c)

    def sequence(
        self, x: Float[Tensor, "batch time feature"], state: State
    ) -> tuple[Float[Tensor, "batch time unit"], State]:
        """The same over a sequence, by torch's fused kernel; its second bias is not ours and stays 0."""
        h, c = state
        weights = [self.kernel, self.recurrent_kernel, self.bias, torch.zeros_like(self.bias)]
        outputs, h, c = torch.lstm(x, (h[None], c[None]), weights, True, 1, 0.0, self.training, False, True)
        return outputs, (h[0], c[0])
