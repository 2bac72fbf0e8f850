"""The simple recurrent network."""

from __future__ import annotations

from typing import ClassVar, Literal, cast

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from rnnlib.activations import ACTIVATIONS, Activation
from rnnlib.cells.layer import State
from rnnlib.cells.layer_norm import normalised
from rnnlib.cells.recurrent import Recurrence, RecurrentCell, RecurrentLayer
from rnnlib.cells.rnn_sequence import SLOPES, Simple
from rnnlib.cells.scan import wide
from rnnlib.cells.stages import RNNStage
from rnnlib.cells.streaming import Stage, StepByStep
from rnnlib.initialisation import Gate

_CUDNN = {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}


class RNN(RecurrentCell):
    r"""Simple recurrent network.

    h' = φ(W x + U h + b);  with layer_norm h' = φ(LN(W x + U h) + b)

    x: [batch, inputs], h: [batch, units], W: [units, inputs], U: [units, units], b: [units];
    units · (units + inputs + 1) parameters a layer, units more with layer_norm.

    Source: Elman 1990, "Finding structure in time"; layer_norm: Ba et al. 2016, arXiv:1607.06450.
    """

    gates: ClassVar[tuple[Gate, ...]] = ("candidate",)

    kind: Literal["rnn"] = "rnn"
    activation: Activation = Field("tanh", description="φ of the equation")

    @property
    def width(self) -> int:
        """The hidden state's."""
        return self.units

    def layer(self, inputs: int) -> RNNLayer:
        """One layer of it."""
        return RNNLayer(inputs, self)


class RNNLayer(RecurrentLayer):
    """The weights of one simple recurrent layer: `kernel` W, `recurrent_kernel` U, `bias` b."""

    def __init__(self, inputs: int, cell: RNN) -> None:
        super().__init__(inputs, cell, (cell.units,), (cell.zoneout,))
        self.activation = cell.activation
        self.layer_norm = cell.layer_norm
        self.norm = normalised(cell.units, cell.layer_norm)

    def read(self, x: Float[Tensor, "*steps feature"]) -> Float[Tensor, "*steps unit"]:
        """W x + b; W x alone where the sum with U h is normalised before b is added."""
        return F.linear(x, self.kernel, None if self.layer_norm else self.bias)

    def equation(self, read: Float[Tensor, "batch unit"], state: State, recurrence: Recurrence) -> State:
        """h' = φ(W x + U h + b)."""
        (h,) = state
        a = self.norm(read + recurrence(h))
        if self.layer_norm and self.bias is not None:
            a = a + self.bias
        return (ACTIVATIONS[self.activation](a),)

    def whole(
        self, x: Float[Tensor, "time batch feature"], state: State, kernel: Float[Tensor, "unit unit_"]
    ) -> tuple[Float[Tensor, "time batch unit"], State] | None:
        """The same over a sequence, gradients by hand; by cuDNN where there is a GPU and it knows the activation."""
        if self.layer_norm or self.activation not in SLOPES:
            return None
        (h,) = state
        bias = x.new_zeros(len(kernel)) if self.bias is None else self.bias
        if x.is_cuda and self.activation in _CUDNN:
            weights = [self.kernel, kernel, bias, torch.zeros_like(bias)]
            run = _CUDNN[self.activation]
            outputs, last = run(x, h[None], weights, True, 1, 0.0, self.training, False, False)
            return outputs, (last[0],)
        hidden = cast("Tensor", Simple.apply(x, wide(h), self.kernel, kernel, bias, self.activation))  # type: ignore[no-untyped-call]
        return hidden, (hidden[-1],)

    def stage(self, batch: int) -> Stage:
        """One product and a few operations in place; by the step, with what acts between them."""
        if self.layer_norm or any(self.zoneouts):
            return StepByStep(self, batch)
        bias = self.kernel.new_zeros(len(self.kernel)) if self.bias is None else self.bias
        return RNNStage(self.kernel, self.recurrent_kernel, bias, self.start(batch)[0], ACTIVATIONS[self.activation])
