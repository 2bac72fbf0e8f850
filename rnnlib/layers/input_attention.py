"""Attention over the input columns, step by step."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.cells import LSTM
from rnnlib.layer import Flow, Layer, Lengths
from rnnlib.layers.attending import Attends
from rnnlib.layers.projection import projection
from rnnlib.layers.window_steps import as_window, window_steps


class InputAttention(Layer):
    """An LSTM that chooses at every step which input columns to read: the first stage of DA-RNN.

    e_t^k = v · tanh(W [h_{t−1}, c_{t−1}] + U x^k + b),  a_t = softmax_k(e_t),  h_t, c_t = lstm(a_t ⊙ x_t)

    x^k: column k over the T steps of the window, W: [T, 2 · units], U: [T, T], v and b: [T]. What comes out is h_t:
    [batch, time, units].

    Source: Qin et al. 2017, "A dual-stage attention-based recurrent neural network for time series prediction",
    arXiv:1704.02971.
    """

    kind: Literal["input_attention"] = "input_attention"
    units: int = Field(..., ge=1, le=65_536, description="width of the LSTM that chooses, and of what comes out")

    def after(self, before: Flow) -> Flow:
        """`units` wide."""
        return before._replace(width=self.units)

    @property
    def one_way(self) -> bool:
        """It sees every column's whole window before it chooses."""
        return False

    def build(self, before: Flow) -> InputWeighted:
        """The module; raises `ModelError` where sequences differ in length."""
        return InputWeighted(before.known, window_steps(before, "input_attention"), self.units)


class InputWeighted(nn.Module, Attends):
    """An LSTM over inputs that its own last state has weighed."""

    axes: ClassVar[tuple[str, ...]] = ("step", "column")

    def __init__(self, inputs: int, steps: int, units: int) -> None:
        super().__init__()
        self.steps = steps
        self.lstm = LSTM(units=units).layer(inputs)
        self.state, self.column = projection(2 * units, steps), projection(steps, steps)
        self.column.register_parameter("bias", None)  # that of `state` is enough
        self.vector = nn.Parameter(torch.empty(steps).uniform_(-1, 1) / math.sqrt(steps))

    def forward(
        self, x: Float[Tensor, "batch time input"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time unit"], Lengths]:
        """h_t."""
        return self._run(x, lengths)[0], lengths

    def weights(
        self, x: Float[Tensor, "batch time input"], lengths: Lengths = None
    ) -> Float[Tensor, "batch time input"]:
        """a_t."""
        return self._run(x, lengths)[1]

    def _run(
        self, x: Float[Tensor, "batch time input"], lengths: Lengths
    ) -> tuple[Float[Tensor, "batch time unit"], Float[Tensor, "batch time input"]]:
        columns = self.column(as_window(x, lengths, self.steps).transpose(1, 2))
        state, states, weights = self.lstm.start(len(x)), [], []
        for inputs in x.unbind(1):
            scores = torch.tanh(self.state(torch.cat(state, dim=1))[:, None] + columns) @ self.vector
            weights.append(scores.softmax(dim=1))
            output, state = self.lstm.step(weights[-1] * inputs, state)
            states.append(output)
        return torch.stack(states, dim=1), torch.stack(weights, dim=1)
