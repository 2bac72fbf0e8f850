"""Keras as its guide writes it: a Sequential, compile, fit on arrays. KERAS_BACKEND says on what it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from benchmarks.clock import Moment, between, now
from benchmarks.serving import Action
from benchmarks.workloads import WORKLOADS, Array, Workload

CELLS = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
ORDER = {"rnn": (0,), "lstm": (0, 1, 2, 3), "gru": (1, 0, 2)}
"""Where Keras has the gates that torch names in turn: its GRU begins with z."""


class EpochEnds(keras.callbacks.Callback):
    """When every epoch ended."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[Moment] = []

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras' protocol
        self.times.append(now())


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """Trains on arrays in memory. The first epoch of a `fit` warms it up, the others are timed."""
    workload = WORKLOADS[options["workload"]]
    model = _model(workload)
    inputs, labels = workload.data()

    def train(epochs: int) -> dict[str, Any]:
        ends = EpochEnds()
        model.fit(inputs, labels, batch_size=workload.batch, epochs=1 + epochs, verbose=0, callbacks=[ends])
        return between(ends.times[0], ends.times[-1], epochs * len(inputs))

    def losses(steps: int) -> dict[str, Any]:
        fresh = _model(workload)
        _equal_weights(fresh, workload)
        one, its_labels = workload.data(1)
        history = fresh.fit(one, its_labels, batch_size=workload.batch, epochs=steps, verbose=0)
        return {"losses": history.history["loss"]}

    return {"train": train, "losses": losses}


def _model(workload: Workload) -> Any:
    cell = CELLS[workload.cell]
    recurrent = [
        cell(workload.units, return_sequences=number + 1 < workload.layers) for number in range(workload.layers)
    ]
    shape = keras.Input((workload.steps, workload.features))
    model = keras.Sequential([shape, *recurrent, keras.layers.Dense(1)])
    optimizers = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}
    model.compile(optimizer=optimizers[workload.optimizer](learning_rate=workload.learning_rate), loss="mse")
    return model


def _equal_weights(model: Any, workload: Workload) -> None:
    for layer, weights in zip(model.layers, workload.weights(), strict=False):
        kernel, recurrent = (_reordered(matrix, workload) for matrix in weights)
        layer.set_weights([kernel, recurrent, np.zeros_like(layer.get_weights()[2])])
    model.layers[-1].set_weights([workload.head().T, np.zeros(1, np.float32)])


def _reordered(matrix: Array, workload: Workload) -> Array:
    blocks = np.split(matrix, len(ORDER[workload.cell]))
    return np.concatenate([blocks[place] for place in ORDER[workload.cell]]).T
