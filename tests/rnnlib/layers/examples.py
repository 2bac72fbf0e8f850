"""Small layers of every kind, and another value for each of their fields."""

from collections.abc import Mapping
from typing import Any

from rnnlib.cells import Cell
from rnnlib.layer import Flow, Layer
from rnnlib.layers import AnyLayer, Attention, Dense, Dropout, Segment
from tests.rnnlib.families import example, members

KINDS = members(AnyLayer)
INPUTS, TIME, HORIZON = 8, 8, 4
FLOW = Flow(INPUTS, TIME, HORIZON)
GRU = {"kind": "gru", "units": 4}

EXAMPLES: Mapping[str, Layer] = {
    **{kind: example(part) for kind, part in KINDS.items() if issubclass(part, Cell)},
    "dense": Dense(units=4),
    "dropout": Dropout(rate=0.25),
    "attention": Attention(heads=4),
    "attention, causal": Attention(heads=2, causal=True),
    "segment": Segment(length=2, cell=GRU),
    "segment, two layers": Segment(length=4, cell={**GRU, "layers": 2}),
}
"""By name; the name begins with the kind, and every kind has one."""

OTHERS: Mapping[str, Mapping[str, Any]] = {
    "dense": {"units": 5, "activation": "relu"},
    "dropout": {"rate": 0.5},
    "attention": {"heads": 2, "causal": True, "dropout": 0.5},
    "segment": {"length": 4, "cell": {"kind": "lstm", "units": 4}, "dropout": 0.5},
}
"""Of each kind but the cells, which have a suite of their own: another value of each field than its example has."""
