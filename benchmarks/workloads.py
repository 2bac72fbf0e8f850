"""The four trainings that every library does: the same model, loss, optimiser, data and, for the check, weights.

Every peer reads this file in its own environment: NumPy is all that it may import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Cell = Literal["rnn", "lstm", "gru"]
GATES: dict[Cell, int] = {"rnn": 1, "lstm": 4, "gru": 3}
RECENT = 5
"""The label is the mean of the first feature over this many last steps: something that a network can learn."""


class LayerWeights(NamedTuple):
    """One layer, gates in torch's order (LSTM: i f g o, GRU: r z n); biases are 0."""

    kernel: Array
    recurrent_kernel: Array


@dataclass(frozen=True)
class Workload:
    """A recurrent stack that reads `steps` x `features` and gives one number from its last state; squared error."""

    title: str
    cell: Cell
    units: int
    layers: int
    steps: int
    features: int
    batch: int
    optimizer: Literal["rmsprop", "adam"]
    batches: int
    learning_rate: float = 1e-3

    def data(self, batches: int | None = None) -> tuple[Array, Array]:
        """Inputs [examples, steps, features] and labels [examples]."""
        examples = self.batch * (self.batches if batches is None else batches)
        inputs = np.random.default_rng(1).standard_normal((examples, self.steps, self.features), dtype=np.float32)
        return inputs, inputs[:, -RECENT:, 0].mean(axis=1)

    def weights(self) -> list[LayerWeights]:
        """Equal weights for every library, layer by layer."""
        draw, bound = np.random.default_rng(2), self.units**-0.5
        rows = GATES[self.cell] * self.units
        widths = [self.features] + [self.units] * (self.layers - 1)
        return [
            LayerWeights(
                draw.uniform(-bound, bound, (rows, width)).astype(np.float32),
                draw.uniform(-bound, bound, (rows, self.units)).astype(np.float32),
            )
            for width in widths
        ]

    def head(self) -> Array:
        """The last layer's weights [1, units]; its bias is 0."""
        bound = self.units**-0.5
        return np.random.default_rng(3).uniform(-bound, bound, (1, self.units)).astype(np.float32)

    @property
    def flop(self) -> float:
        """Floating point operations of the products of one training step: the backward pass has twice the forward's."""
        widths = [self.features] + [self.units] * (self.layers - 1)
        forward = sum(2 * GATES[self.cell] * self.units * (width + self.units) for width in widths)
        return 3.0 * forward * self.batch * self.steps


WORKLOADS: dict[str, Workload] = {
    "rnn-32": Workload("(1) SimpleRNN 32, T=20, D=8, B=32, rmsprop", "rnn", 32, 1, 20, 8, 32, "rmsprop", batches=200),
    "lstm-128": Workload("(2) LSTM 128, T=100, D=16, B=64, adam", "lstm", 128, 1, 100, 16, 64, "adam", batches=16),
    "gru-128": Workload("(3) GRU 128, T=100, D=16, B=64, adam", "gru", 128, 1, 100, 16, 64, "adam", batches=16),
    "lstm-256x2": Workload("(4) 2×LSTM 256, T=50, D=32, B=128, adam", "lstm", 256, 2, 50, 32, 128, "adam", batches=4),
}
