"""Long short-term memory."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.activations import ACTIVATIONS, Activation
from rnnlib.cells.initialisation import draw_kernel
from rnnlib.cells.layer import State
from rnnlib.cells.layer_norm import normalised
from rnnlib.cells.recurrent import Recurrence, RecurrentCell, RecurrentLayer
from rnnlib.cells.stages import LSTMStage
from rnnlib.cells.streaming import Stage, StepByStep
from rnnlib.errors import misplaced
from rnnlib.initialisation import AnyBiasInitialisation, ForgetBias, Gate

GATES = 4


class LSTM(RecurrentCell):
    r"""Long short-term memory.

    i = σ(W_i x + U_i h + b_i),  f = σ(W_f x + U_f h + b_f),  o = σ(W_o x + U_o h + b_o),
    g = tanh(W_g x + U_g h + b_g),  c' = f ⊙ c + i ⊙ g,  h' = o ⊙ tanh(c')

    With peephole  i and f also see p ⊙ c, o sees p ⊙ c'. With projection  h' = P (o ⊙ tanh(c')).
    With layer_norm  LN(W x) + LN(U h) + b go into the gates, and tanh(LN(c') + d) out of the memory.

    x: [batch, inputs], h and c: [batch, units], each W: [units, inputs], U: [units, units], b: [units];
    each p: [units]; with projection h: [batch, projection], U: [units, projection], P: [projection, units].
    4 · units · (units + inputs + 1) parameters a layer, 3 · units more with peephole, 10 · units with layer_norm;
    with projection 4 · units · (projection + inputs + 1) + units · projection.

    Source: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; the forget gate: Gers et al. 2000,
    doi:10.1162/089976600300015015; its bias of 1: Jozefowicz et al. 2015; peephole: Gers and Schmidhuber 2000,
    doi:10.1109/IJCNN.2000.861302; projection: Sak et al. 2014, arXiv:1402.1128; layer_norm: Ba et al. 2016,
    arXiv:1607.06450.
    """

    gates: ClassVar[tuple[Gate, ...]] = ("input", "forget", "candidate", "output")

    kind: Literal["lstm"] = "lstm"
    bias_initialisation: AnyBiasInitialisation = Field(ForgetBias(), description="how the biases start")
    activation: Activation = Field("tanh", description="what makes g of its inputs and h of c, tanh in the equation")
    recurrent_activation: Activation = Field("sigmoid", description="what makes the gates i, f, o, σ in the equation")
    peephole: bool = Field(False, description="whether the gates see the memory c, each unit its own")
    projection: int | None = Field(
        None, ge=1, le=65_536, description="width that the hidden state is projected to; none leaves it as it is"
    )
    memory_zoneout: float = Field(
        0.0, ge=0, lt=1, description="share of the memory c that keeps what it was, drawn at every step, in training"
    )

    @model_validator(mode="after")
    def _a_projection_narrows(self) -> Self:
        if self.projection is not None and self.projection >= self.units:
            rule = f"a projection is narrower than the {self.units} units"
            raise misplaced(f"{rule}: received {self.projection}; use fewer, or fewer units", "projection")
        return self

    @property
    def width(self) -> int:
        """The hidden state's, which a projection narrows."""
        return self.projection or self.units

    def layer(self, inputs: int) -> LSTMLayer:
        """One layer of it."""
        return LSTMLayer(inputs, self)


class LSTMLayer(RecurrentLayer):
    """The weights of one LSTM layer: `kernel` W, `recurrent_kernel` U, `bias` b; rows in the order i, f, g, o.

    `peephole` p of i, f, o, which starts at 0; `projection_kernel` P; `memory_bias` d.
    """

    peephole: nn.Parameter | None
    projection_kernel: nn.Parameter | None
    memory_bias: nn.Parameter | None

    def __init__(self, inputs: int, cell: LSTM) -> None:
        super().__init__(inputs, cell, (cell.width, cell.units), (cell.zoneout, cell.memory_zoneout))
        self.activation, self.recurrent_activation = cell.activation, cell.recurrent_activation
        projection = None
        if cell.projection is not None:
            projection = nn.Parameter(torch.empty(cell.projection, cell.units))
            draw_kernel(projection, 1, cell.kernel_initialisation)
        self.register_parameter("projection_kernel", projection)
        self.register_parameter("peephole", nn.Parameter(torch.zeros(3 * cell.units)) if cell.peephole else None)
        shifted = cell.layer_norm and cell.bias
        self.register_parameter("memory_bias", nn.Parameter(torch.zeros(cell.units)) if shifted else None)
        self.kernel_norm = normalised(GATES * cell.units, cell.layer_norm)
        self.recurrent_norm = normalised(GATES * cell.units, cell.layer_norm)
        self.memory_norm = normalised(cell.units, cell.layer_norm)
        activations = cell.activation, cell.recurrent_activation
        self.plain = not (cell.layer_norm or cell.peephole) and activations == ("tanh", "sigmoid")

    def read(self, x: Float[Tensor, "*steps feature"]) -> Float[Tensor, "*steps row"]:
        """W x + b, or LN(W x) + b."""
        if isinstance(self.kernel_norm, nn.Identity):
            return F.linear(x, self.kernel, self.bias)
        read: Tensor = self.kernel_norm(F.linear(x, self.kernel))
        return read if self.bias is None else read + self.bias

    def equation(self, read: Float[Tensor, "batch row"], state: State, recurrence: Recurrence) -> State:
        """c' = f ⊙ c + i ⊙ g,  h' = o ⊙ tanh(c')."""
        h, c = state
        gate, activation = ACTIVATIONS[self.recurrent_activation], ACTIVATIONS[self.activation]
        i, f, g, o = (read + self.recurrent_norm(recurrence(h))).chunk(GATES, dim=1)
        if self.peephole is not None:
            of_input, of_forget, of_output = self.peephole.chunk(3)
            i, f = i + of_input * c, f + of_forget * c
        c = gate(f) * c + gate(i) * activation(g)
        if self.peephole is not None:
            o = o + of_output * c
        shown = self.memory_norm(c)
        shown = gate(o) * activation(shown if self.memory_bias is None else shown + self.memory_bias)
        return (shown if self.projection_kernel is None else F.linear(shown, self.projection_kernel)), c

    def whole(
        self, x: Float[Tensor, "time batch feature"], state: State, kernel: Float[Tensor, "row output"]
    ) -> tuple[Float[Tensor, "time batch output"], State] | None:
        """The same over a sequence, by torch's fused kernel; its second bias is not ours and stays 0."""
        if not self.plain or self.projection_kernel is not None:
            return None
        h, c = state
        weights = [self.kernel, kernel] + ([] if self.bias is None else [self.bias, torch.zeros_like(self.bias)])
        biased = self.bias is not None
        outputs, h, c = torch.lstm(x, (h[None], c[None]), weights, biased, 1, 0.0, self.training, False, False)
        return outputs, (h[0], c[0])

    def stage(self, batch: int) -> Stage:
        """One product and a few operations in place; by the step, with what acts between them."""
        if not self.plain or self.projection_kernel is not None or any(self.zoneouts):
            return StepByStep(self, batch)
        bias = self.kernel.new_zeros(len(self.kernel)) if self.bias is None else self.bias
        h, c = self.start(batch)
        return LSTMStage(self.kernel, self.recurrent_kernel, bias, (h, c))
