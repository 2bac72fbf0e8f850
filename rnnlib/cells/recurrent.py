"""What cells with a recurrent kernel share: the noise that acts along time, and the plain loop over it."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells.base import Cell
from rnnlib.cells.initialisation import draw_bias, draw_kernel
from rnnlib.cells.layer import CellLayer, State
from rnnlib.initialisation import AnyInitialisation, Orthogonal


class RecurrentCell(Cell):
    """A cell whose hidden state comes back through a full matrix, the recurrent kernel U."""

    recurrent_initialisation: AnyInitialisation = Field(Orthogonal(), description="how U of each gate starts")
    layer_norm: bool = Field(
        False, description="whether what goes into the gates is normalised over the units of each step"
    )
    recurrent_dropout: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of hidden values that U does not see, the same at every step of a sequence, in training",
    )
    zoneout: float = Field(
        0.0, ge=0, lt=1, description="share of hidden values that keep what they were, drawn at every step, in training"
    )
    weight_drop: float = Field(
        0.0, ge=0, lt=1, description="share of U's weights zeroed for a whole pass over a batch, in training only"
    )


class Recurrence(NamedTuple):
    r"""U during one pass over a sequence: its weights as they are drawn, and the hidden values that it sees.

    U (h ⊙ m)

    Source: m is the same at all steps, Gal and Ghahramani 2016, arXiv:1512.05287.
    """

    kernel: Float[Tensor, "row unit"]
    seen: Float[Tensor, "batch unit"] | None

    def __call__(self, h: Float[Tensor, "batch unit"]) -> Float[Tensor, "batch row"]:
        """U (h ⊙ m)."""
        return F.linear(h if self.seen is None else h * self.seen, self.kernel)

    def split(self, rows: tuple[int, ...]) -> tuple[Recurrence, ...]:
        """One for each block of rows."""
        return tuple(self._replace(kernel=block) for block in self.kernel.split_with_sizes(rows))


class RecurrentLayer(CellLayer):
    """The weights of one layer: `kernel` W, `recurrent_kernel` U, `bias` b; a block of rows for each gate."""

    bias: nn.Parameter | None

    def __init__(self, inputs: int, cell: RecurrentCell, widths: tuple[int, ...], zoneouts: tuple[float, ...]) -> None:
        """`widths` of the state's members, the hidden state first, and the share of each that zoneout keeps."""
        super().__init__(widths, learned=cell.initial_state == "learned")
        self.units, self.zoneouts = cell.units, zoneouts
        self.recurrent_dropout, self.weight_drop = cell.recurrent_dropout, cell.weight_drop
        rows, gates = len(cell.gates) * cell.units, len(cell.gates)
        self.kernel = nn.Parameter(torch.empty(rows, inputs))
        self.recurrent_kernel = nn.Parameter(torch.empty(rows, widths[0]))
        self.register_parameter("bias", nn.Parameter(torch.empty(rows)) if cell.bias else None)
        draw_kernel(self.kernel, gates, cell.kernel_initialisation)
        draw_kernel(self.recurrent_kernel, gates, cell.recurrent_initialisation)
        if self.bias is not None:
            draw_bias(self.bias, cell.gates, cell.bias_initialisation)

    @abstractmethod
    def read(self, x: Float[Tensor, "*steps feature"]) -> Float[Tensor, "*steps row"]:
        """What the gates get from the inputs, of every step at once: W x + b, normalised where that is asked for."""

    @abstractmethod
    def equation(self, read: Float[Tensor, "batch row"], state: State, recurrence: Recurrence) -> State:
        """The state after a step that gets `read` from its inputs; its first member is the output."""

    @abstractmethod
    def whole(
        self, x: Float[Tensor, "time batch feature"], state: State, kernel: Float[Tensor, "row unit"]
    ) -> tuple[Float[Tensor, "time batch unit"], State] | None:
        """The sequence by a fast function with U = `kernel`, or none where there is no such function."""

    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """The equation, and zoneout. In training each call draws what it drops; `sequence` draws once."""
        state = self._after(self.read(x), state, self.drawn(x))
        return state[0], state

    def sequence(
        self, x: Float[Tensor, "time batch feature"], state: State
    ) -> tuple[Float[Tensor, "time batch unit"], State]:
        """By a fast function where there is one, else step by step."""
        recurrence = self.drawn(x[0])
        if recurrence.seen is None and not any(self.zoneouts):
            found = self.whole(x, state, recurrence.kernel)
            if found is not None:
                return found
        outputs = []
        for read in self.read(x).unbind(0):
            state = self._after(read, state, recurrence)
            outputs.append(state[0])
        return torch.stack(outputs), state

    def _after(self, read: Tensor, state: State, recurrence: Recurrence) -> State:
        after = self.equation(read, state, recurrence)
        return tuple(
            zoned_out(old, new, rate, self.training) for old, new, rate in zip(state, after, self.zoneouts, strict=True)
        )

    def drawn(self, x: Float[Tensor, "batch feature"]) -> Recurrence:
        """U with a share of its weights dropped, and the hidden values that it sees; within `one_pass` always the same.

        Source: weight drop, Merity et al. 2018, arXiv:1708.02182.
        """
        if self.of_pass is None:
            return self._draw(x)
        if not self.of_pass:
            self.of_pass.append(self._draw(x))
        recurrence: Recurrence = self.of_pass[0]
        return recurrence

    def _draw(self, x: Float[Tensor, "batch feature"]) -> Recurrence:
        kernel: Tensor = self.recurrent_kernel
        if not self.training:
            return Recurrence(kernel, None)
        if self.weight_drop > 0:
            kernel = F.dropout(kernel, self.weight_drop)
        if self.recurrent_dropout == 0:
            return Recurrence(kernel, None)
        return Recurrence(kernel, F.dropout(kernel.new_ones(len(x), kernel.shape[1]), self.recurrent_dropout))


def zoned_out(
    old: Float[Tensor, "batch unit"], new: Float[Tensor, "batch unit"], rate: float, training: bool
) -> Float[Tensor, "batch unit"]:
    r"""A share `rate` of the values stays what it was; in evaluation every value is the mean of both.

    d ⊙ old + (1 − d) ⊙ new,  d ~ Bernoulli(rate) in training, d = rate otherwise

    Source: Krueger et al. 2016, arXiv:1606.01305.
    """
    if rate == 0:
        return new
    if not training:
        return torch.lerp(new, old, rate)
    kept: Bool[Tensor, "batch unit"] = torch.rand_like(new) < rate
    return torch.where(kept, old, new)
