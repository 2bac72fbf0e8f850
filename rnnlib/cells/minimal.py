"""What minGRU and minLSTM share: gates that read the input alone, so that the state is a linear recurrence."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells.base import Cell
from rnnlib.cells.initialisation import draw_bias, draw_kernel
from rnnlib.cells.layer import CellLayer, State
from rnnlib.cells.scan import linear_scan


class Blend(NamedTuple):
    """What becomes of a state: h' = kept ⊙ h + added."""

    kept: Float[Tensor, "*steps unit"]
    added: Float[Tensor, "*steps unit"]


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
    def blend(self, read: Float[Tensor, "*steps row"]) -> Blend:
        """What the gates make of W x + b, of one step or of all."""

    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """h' = kept ⊙ h + added."""
        (h,) = state
        kept, added = self.blend(F.linear(x, self.kernel, self.bias))
        h = kept * h + added
        return h, (h,)

    def sequence(
        self, x: Float[Tensor, "time batch feature"], state: State
    ) -> tuple[Float[Tensor, "time batch unit"], State]:
        """The gates of all steps at once, then the recurrence by `linear_scan`."""
        (h,) = state
        states = linear_scan(*self.blend(F.linear(x, self.kernel, self.bias)), h)
        return states, (states[-1],)


def positive(a: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """g(a) = a + ½ where a ≥ 0, σ(a) elsewhere: continuous, increasing, above 0."""
    return torch.where(a >= 0, a + 0.5, torch.sigmoid(a))
