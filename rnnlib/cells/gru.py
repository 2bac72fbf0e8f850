"""The gated recurrent unit."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.cells.base import Cell
from rnnlib.cells.initialisation import glorot_by_gate, orthogonal_by_gate
from rnnlib.cells.layer import CellLayer, State

GATES = 3


class GRU(Cell):
    r"""Gated recurrent unit.

    r = σ(W_r x + U_r h + b_r),  z = σ(W_z x + U_z h + b_z),
    n = tanh(W_n x + b_n + r ⊙ (U_n h + c_n)),  h' = (1 − z) ⊙ n + z ⊙ h

    x: [batch, inputs], h: [batch, units], each W: [units, inputs], U: [units, units], b and c_n: [units];
    units · (3 · (units + inputs + 1) + 1) parameters a layer.

    Source: Cho et al. 2014, arXiv:1406.1078; reset after the product, as in cuDNN.
    """

    kind: Literal["gru"] = "gru"

    def layer(self, inputs: int) -> GRULayer:
        """One layer of it."""
        return GRULayer(inputs, self.units)


class GRULayer(CellLayer):
    """The weights of one GRU layer: `kernel` W, `recurrent_kernel` U, `bias` b (rows: r, z, n), `reset_bias` c_n."""

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.kernel = nn.Parameter(torch.empty(GATES * units, inputs))
        self.recurrent_kernel = nn.Parameter(torch.empty(GATES * units, units))
        self.bias = nn.Parameter(torch.zeros(GATES * units))
        self.reset_bias = nn.Parameter(torch.zeros(units))
        glorot_by_gate(self.kernel, GATES)
        orthogonal_by_gate(self.recurrent_kernel, GATES)

    def start(self, batch: int) -> State:
        """h = 0."""
        return (self.bias.new_zeros(batch, self.units),)

    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """h' = (1 − z) ⊙ n + z ⊙ h."""
        (h,) = state
        wr, wz, wn = (x @ self.kernel.T + self.bias).chunk(GATES, dim=1)
        ur, uz, un = (h @ self.recurrent_kernel.T).chunk(GATES, dim=1)
        r, z = torch.sigmoid(wr + ur), torch.sigmoid(wz + uz)
        n = torch.tanh(wn + r * (un + self.reset_bias))
        h = (1 - z) * n + z * h
        return h, (h,)

    def sequence(
        self, x: Float[Tensor, "batch time feature"], state: State
    ) -> tuple[Float[Tensor, "batch time unit"], State]:
        """The same over a sequence, by torch's own loop; its second bias is ours only where r acts, and 0 elsewhere."""
        (h,) = state
        second = torch.cat([self.bias.new_zeros((GATES - 1) * self.units), self.reset_bias])
        weights = [self.kernel, self.recurrent_kernel, self.bias, second]
        outputs, last = torch.gru(x, h[None], weights, True, 1, 0.0, self.training, False, True)
        return outputs, (last[0],)
