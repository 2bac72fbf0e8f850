"""sLSTM: long short-term memory with exponential gates, from xLSTM."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells.base import Cell
from rnnlib.cells.initialisation import draw_bias, draw_kernel
from rnnlib.cells.layer import CellLayer, State
from rnnlib.cells.slstm_sequence import ForgetGate, reach, slstm_sequence
from rnnlib.errors import misplaced
from rnnlib.initialisation import AnyBiasInitialisation, AnyInitialisation, ForgetBias, Gate, Orthogonal

GATES = 4


class SLSTM(Cell):
    r"""sLSTM.

    i = exp(W_i x + R_i h + b_i),  f = σ(W_f x + R_f h + b_f) or exp(…),  o = σ(W_o x + R_o h + b_o),
    z = tanh(W_z x + R_z h + b_z),  c' = f ⊙ c + i ⊙ z,  n' = f ⊙ n + i,  h' = o ⊙ c' / n'

    c and n are kept divided by exp(m), m' = max(log f + m, log i), so that no exponential overflows; h does not
    depend on m. x: [batch, inputs], h, c, n, m: [batch, units], each W: [units, inputs], each R: block-diagonal, one
    block [units / heads, units / heads] a head, b: [units];
    4 · units · (inputs + units / heads + 1) parameters a layer.

    Source: xLSTM, Beck et al. 2024, arXiv:2405.04517.
    """

    gates: ClassVar[tuple[Gate, ...]] = ("input", "forget", "candidate", "output")

    kind: Literal["slstm"] = "slstm"
    heads: int = Field(1, ge=1, le=65_536, description="blocks of R: units see the past of their own head alone")
    forget: ForgetGate = Field("sigmoid", description="what makes f of its sum: a share, or a factor that may exceed 1")
    recurrent_initialisation: AnyInitialisation = Field(
        Orthogonal(), description="how each head's R of each gate starts"
    )
    bias_initialisation: AnyBiasInitialisation = Field(ForgetBias(value=3.0), description="how the biases start")

    @model_validator(mode="after")
    def _heads_share_the_units_evenly(self) -> Self:
        if self.units % self.heads:
            rule = f"every head has as many units: received {self.units} units and heads {self.heads}"
            raise misplaced(f"{rule}; use units that heads divide", "heads")
        return self

    @property
    def width(self) -> int:
        """The hidden state is shown."""
        return self.units

    def layer(self, inputs: int) -> SLSTMLayer:
        """One layer of it."""
        return SLSTMLayer(inputs, self)


class SLSTMLayer(CellLayer):
    """The weights of one sLSTM layer; rows in the order i, f, z, o.

    `kernel` W, `recurrent_kernel` R [4 · units, units / heads] (a row reads its own head alone), `bias` b.
    """

    bias: nn.Parameter | None

    def __init__(self, inputs: int, cell: SLSTM) -> None:
        units, rows = cell.units, GATES * cell.units
        super().__init__((units, units), learned=cell.initial_state == "learned")
        self.heads, self.forget = cell.heads, cell.forget
        self.kernel = nn.Parameter(torch.empty(rows, inputs))
        self.recurrent_kernel = nn.Parameter(torch.empty(rows, units // cell.heads))
        self.register_parameter("bias", nn.Parameter(torch.empty(rows)) if cell.bias else None)
        draw_kernel(self.kernel, GATES, cell.kernel_initialisation)
        draw_kernel(self.recurrent_kernel, GATES * cell.heads, cell.recurrent_initialisation)
        if self.bias is not None:
            draw_bias(self.bias, cell.gates, cell.bias_initialisation)

    def start(self, batch: int) -> State:
        """c, h = 0 and n = 0: nothing is remembered; learned, c and h are weights."""
        c, n, h, m = self.holding(super().start(batch))
        return (c, torch.zeros_like(n), h, m) if self.initial_state is None else (c, n, h, m)

    def holding(self, given: State) -> State:
        """c and h, with n = 1, which is what c weighs."""
        c, h = given
        return c, torch.ones_like(c), h, torch.zeros_like(c)

    def step(self, x: Float[Tensor, "batch feature"], state: State) -> tuple[Float[Tensor, "batch unit"], State]:
        """c' = f ⊙ c + i ⊙ z,  n' = f ⊙ n + i,  h' = o ⊙ c' / n'."""
        c, n, h, m = state
        heard = torch.einsum("bhd,ghed->bghe", h.view(len(h), self.heads, -1), self._by_head())
        i, f, z, o = (F.linear(x, self.kernel, self.bias) + heard.flatten(1)).chunk(GATES, dim=1)
        log_f = F.logsigmoid(f) if self.forget == "sigmoid" else f
        log_f = log_f + reach(m, n)
        m = torch.maximum(log_f, i).detach()
        i, f = torch.exp(i - m), torch.exp(log_f - m)
        c, n = f * c + i * torch.tanh(z), f * n + i
        h = torch.sigmoid(o) * c / n
        return h, (c, n, h, m)

    def sequence(
        self, x: Float[Tensor, "time batch feature"], state: State
    ) -> tuple[Float[Tensor, "time batch unit"], State]:
        """The kernel over all steps at once, then one product a step and gradients written by hand."""
        read = F.linear(x, self.kernel, self.bias)
        return slstm_sequence(read, self._by_head(), state, self.forget)

    def _by_head(self) -> Float[Tensor, "gate head to from_"]:
        units = self.recurrent_kernel.shape[1]
        return self.recurrent_kernel.view(GATES, self.heads, units, units)
