"""The gated recurrent unit."""

from __future__ import annotations

from typing import ClassVar, Literal, cast

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.activations import ACTIVATIONS, Activation
from rnnlib.cells.gru_sequence import ResetAfter, ResetBefore
from rnnlib.cells.layer import State
from rnnlib.cells.layer_norm import normalised
from rnnlib.cells.recurrent import Recurrence, RecurrentCell, RecurrentLayer
from rnnlib.cells.scan import wide
from rnnlib.cells.stages import GRUStage
from rnnlib.cells.streaming import Stage, StepByStep
from rnnlib.initialisation import Gate


class GRU(RecurrentCell):
    r"""Gated recurrent unit.

    r = σ(W_r x + U_r h + b_r),  z = σ(W_z x + U_z h + b_z),
    n = tanh(W_n x + b_n + r ⊙ (U_n h + c_n)),  h' = (1 − z) ⊙ n + z ⊙ h

    With reset: before  n = tanh(W_n x + b_n + U_n (r ⊙ h)), and there is no c_n. With layer_norm each of W_rz x,
    W_n x, U_rz h and U_n h (or U_n (r ⊙ h)) is normalised before biases are added.

    x: [batch, inputs], h: [batch, units], each W: [units, inputs], U: [units, units], b and c_n: [units];
    units · (3 · (units + inputs + 1) + 1) parameters a layer, 6 · units more with layer_norm.

    Source: Cho et al. 2014, arXiv:1406.1078 (reset before); reset after the product, as in cuDNN, needs one product
    less; layer_norm: Ba et al. 2016, arXiv:1607.06450.
    """

    gates: ClassVar[tuple[Gate, ...]] = ("reset", "keep", "candidate")

    kind: Literal["gru"] = "gru"
    reset: Literal["after", "before"] = Field(
        "after", description="whether r multiplies the product U_n h, or h before the product"
    )
    activation: Activation = Field("tanh", description="what makes the candidate n, tanh in the equation")
    recurrent_activation: Activation = Field("sigmoid", description="what makes the gates r and z, σ in the equation")

    @property
    def width(self) -> int:
        """The hidden state's."""
        return self.units

    def layer(self, inputs: int) -> GRULayer:
        """One layer of it."""
        return GRULayer(inputs, self)


class GRULayer(RecurrentLayer):
    """The weights of one GRU layer: `kernel` W, `recurrent_kernel` U, `bias` b (rows: r, z, n), `reset_bias` c_n."""

    reset_bias: nn.Parameter | None

    def __init__(self, inputs: int, cell: GRU) -> None:
        super().__init__(inputs, cell, (cell.units,), (cell.zoneout,))
        self.reset, self.activation, self.recurrent_activation = cell.reset, cell.activation, cell.recurrent_activation
        self.blocks = 2 * cell.units, cell.units
        shifted = cell.bias and cell.reset == "after"
        self.register_parameter("reset_bias", nn.Parameter(torch.zeros(cell.units)) if shifted else None)
        self.gates_kernel_norm = normalised(2 * cell.units, cell.layer_norm)
        self.gates_recurrent_norm = normalised(2 * cell.units, cell.layer_norm)
        self.candidate_kernel_norm = normalised(cell.units, cell.layer_norm)
        self.candidate_recurrent_norm = normalised(cell.units, cell.layer_norm)
        self.plain = not cell.layer_norm and (cell.activation, cell.recurrent_activation) == ("tanh", "sigmoid")

    def read(self, x: Float[Tensor, "*steps feature"]) -> Float[Tensor, "*steps row"]:
        """W x + b, or LN(W x) + b."""
        if isinstance(self.gates_kernel_norm, nn.Identity):
            return F.linear(x, self.kernel, self.bias)
        rz, n = F.linear(x, self.kernel).split_with_sizes(self.blocks, dim=-1)
        read = torch.cat([self.gates_kernel_norm(rz), self.candidate_kernel_norm(n)], dim=-1)
        return read if self.bias is None else read + self.bias

    def equation(self, read: Float[Tensor, "batch row"], state: State, recurrence: Recurrence) -> State:
        """h' = (1 − z) ⊙ n + z ⊙ h."""
        (h,) = state
        gate, activation = ACTIVATIONS[self.recurrent_activation], ACTIVATIONS[self.activation]
        wrz, wn = read.split_with_sizes(self.blocks, dim=1)
        if self.reset == "after":
            urz, un = recurrence(h).split_with_sizes(self.blocks, dim=1)
            r, z = gate(wrz + self.gates_recurrent_norm(urz)).chunk(2, dim=1)
            un = self.candidate_recurrent_norm(un)
            n = activation(wn + r * (un if self.reset_bias is None else un + self.reset_bias))
        else:
            of_gates, of_candidate = recurrence.split(self.blocks)
            r, z = gate(wrz + self.gates_recurrent_norm(of_gates(h))).chunk(2, dim=1)
            n = activation(wn + self.candidate_recurrent_norm(of_candidate(r * h)))
        return ((1 - z) * n + z * h,)

    def whole(
        self, x: Float[Tensor, "time batch feature"], state: State, kernel: Float[Tensor, "row unit"]
    ) -> tuple[Float[Tensor, "time batch unit"], State] | None:
        """The same over a sequence, gradients by hand; by cuDNN where there is a GPU and the reset comes after."""
        if not self.plain:
            return None
        (h,) = state
        bias = x.new_zeros(len(kernel)) if self.bias is None else self.bias
        if self.reset == "before":
            outputs = cast("Tensor", ResetBefore.apply(x, wide(h), self.kernel, kernel, bias))  # type: ignore[no-untyped-call]
            return outputs, (outputs[-1],)
        second = x.new_zeros(self.units) if self.reset_bias is None else self.reset_bias
        if x.is_cuda:
            weights = [self.kernel, kernel, bias, F.pad(second, (2 * self.units, 0))]
            outputs, last = torch.gru(x, h[None], weights, True, 1, 0.0, self.training, False, False)
            return outputs, (last[0],)
        outputs = cast("Tensor", ResetAfter.apply(x, wide(h), self.kernel, kernel, bias, second))  # type: ignore[no-untyped-call]
        return outputs, (outputs[-1],)

    def stage(self, batch: int) -> Stage:
        """One product and a few operations in place; by the step, with what acts between them."""
        if not self.plain or self.reset == "before" or any(self.zoneouts):
            return StepByStep(self, batch)
        bias = self.kernel.new_zeros(len(self.kernel)) if self.bias is None else self.bias
        second = self.kernel.new_zeros(self.units) if self.reset_bias is None else self.reset_bias
        return GRUStage(self.kernel, self.recurrent_kernel, bias, second, self.start(batch)[0])
