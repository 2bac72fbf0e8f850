"""Every field of every cell, and another value for it: what the conformance suite changes one by one.

A cell's fields are those of its own class and of the classes it derives from. A new field without a line fails.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from rnnlib.cells import GRU, LRU, LSTM, RNN, SLSTM, Cell, IndRNN
from rnnlib.cells.recurrent import RecurrentCell

Effect = Literal["outputs", "weights", "training", "steps"]
"""What a value changes: outputs with weights that are drawn alike, the weights a new layer starts with, outputs in
training alone, or how many steps come out."""


class Option(NamedTuple):
    """Another value, what it changes, and the fields that it needs beside it."""

    value: Any
    changes: Effect
    given: Mapping[str, Any] = {}


NORMAL = {"kind": "normal", "standard_deviation": 0.3}

OPTIONS: Mapping[type[Cell], Mapping[str, Option]] = {
    Cell: {
        "units": Option(6, "outputs"),
        "layers": Option(2, "outputs"),
        "bidirectional": Option(True, "outputs"),
        "join": Option("sum", "outputs", {"bidirectional": True}),
        "residual": Option(True, "outputs", {"layers": 2}),
        "dropout": Option(0.5, "training", {"layers": 2}),
        "gives": Option("last", "steps"),
        "initial_state": Option("learned", "outputs"),
        "bias": Option(False, "outputs"),
        "kernel_initialisation": Option(NORMAL, "weights"),
        "bias_initialisation": Option(NORMAL, "weights"),
    },
    RecurrentCell: {
        "recurrent_initialisation": Option(NORMAL, "weights"),
        "layer_norm": Option(True, "outputs"),
        "recurrent_dropout": Option(0.5, "training"),
        "zoneout": Option(0.5, "outputs"),
        "weight_drop": Option(0.5, "training"),
    },
    RNN: {"activation": Option("relu", "outputs")},
    GRU: {
        "reset": Option("before", "outputs"),
        "activation": Option("relu", "outputs"),
        "recurrent_activation": Option("silu", "outputs"),
    },
    LSTM: {
        "activation": Option("relu", "outputs"),
        "recurrent_activation": Option("silu", "outputs"),
        "peephole": Option(True, "outputs"),
        "projection": Option(2, "outputs"),
        "memory_zoneout": Option(0.5, "outputs"),
    },
    IndRNN: {
        "activation": Option("tanh", "outputs"),
        "longest": Option(5, "weights"),
        "least": Option(0.5, "weights"),
    },
    SLSTM: {
        "heads": Option(2, "outputs"),
        "forget": Option("exp", "outputs"),
        "recurrent_initialisation": Option(NORMAL, "weights"),
    },
    LRU: {
        "outputs": Option(2, "outputs"),
        "r_min": Option(0.9, "weights"),
        "r_max": Option(0.5, "weights"),
        "factor_rate": Option(0.1, "weights"),
        "max_phase": Option(1.0, "weights"),
    },
}


def options(cell: type[Cell]) -> dict[str, Option]:
    """The options of a cell by the field's name."""
    return {name: option for part in cell.__mro__ for name, option in OPTIONS.get(part, {}).items()}
