"""What minGRU and minLSTM share: gates that read the input alone, so that the state is a linear recurrence."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells.base import Cell
from rnnlib.cells.gated_scan import gated_scan, positive
from rnnlib.cells.initialisation import draw_bias, draw_kernel
from rnnlib.cells.layer import CellLayer, State


class Renewal(NamedTuple):
    """What a step makes of a state: h' = (1 − σ(a)) ⊙ h + σ(a) ⊙ g(n)."""

    a: Float[Tensor, "*steps unit"]
    n: Float[Tensor, "*steps unit"]


class MinimalLayer(CellLayer):
    """The weights of one layer: `kernel` W, `bias` b; a block of rows for each gate. No matrix reads the state."""

    bias: nn.Parameter | None

    def __init__(self, inputs: int, cell: Cell) -> None:
        super().__init__((cell.units,), learned=cell.initial_state == "learned")
        gates = len(cell.gates)
        self.kernel = nn.Parameter(torch.empty(gates * cell.units, inputs))
        self.register_parameter("bias", nn.Parameter(torch.empty(gates * cell.units)) if cell.bias else None)
        draw_kernel(self.kernel, gates, cell.kernel_initialisation)
        if self.bias is not None:
            draw_bias(self.bias, cell.gates, cell.bias_initialisation)

    @abstractmethod
    def renewal(self, read: Float[Tensor, "*steps row"]) -> Renewal:
        """What the gates make of W x + b, of one step or of all."""

    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """h' = (1 − σ(a)) ⊙ h + σ(a) ⊙ g(n)."""
        (h,) = state
        a, n = self.renewal(F.linear(x, self.kernel, self.bias))
        h = torch.sigmoid(-a) * h + torch.sigmoid(a) * positive(n)
        return h, (h,)

    def sequence(
        self, x: Float[Tensor, "time batch feature"], state: State
    ) -> tuple[Float[Tensor, "time batch unit"], State]:
        """The gates of all steps at once, then the recurrence by `gated_scan`."""
        (h,) = state
        states = gated_scan(*self.renewal(F.linear(x, self.kernel, self.bias)), h)
        return states, (states[-1],)
