"""Small layers of every kind, and another value for each of their fields."""

from collections.abc import Mapping
from typing import Any

from rnnlib.cells import Cell
from rnnlib.layer import Flow, Layer
from rnnlib.layers import (
    TCN,
    Activate,
    AnyLayer,
    Attention,
    AttentionPooling,
    BatchNorm,
    Conv1d,
    Dense,
    Dropout,
    Embedding,
    Frames,
    InputAttention,
    InstanceNorm,
    LayerNorm,
    LearnedPositions,
    Parallel,
    Pooling,
    Residual,
    Segment,
    Sinusoidal,
    Spelling,
    ThresholdGate,
    TimeAttention,
)
from tests.rnnlib.families import example, members

KINDS = members(AnyLayer)
INPUTS, TIME, HORIZON, TOKENS = 8, 8, 4, 9
FLOW = Flow(INPUTS, TIME, HORIZON)
GRU, DENSE = {"kind": "gru", "units": 4}, {"kind": "dense", "units": 8}
CAUSAL = {"kind": "conv1d", "filters": 4, "kernel": 3, "padding": "causal"}
MEAN = {"kind": "pooling", "by": ["mean"]}

EXAMPLES: Mapping[str, Layer] = {
    **{kind: example(part) for kind, part in KINDS.items() if issubclass(part, Cell)},
    "dense": Dense(units=4),
    "activation": Activate(function="leaky_relu"),
    "activation, softmax": Activate(function="softmax"),
    "dropout": Dropout(rate=0.25),
    "dropout, locked": Dropout(rate=0.25, locked=True),
    "attention": Attention(heads=4),
    "attention, causal": Attention(heads=2, causal=True),
    "attention_pooling": AttentionPooling(),
    "attention_pooling, multiplicative": AttentionPooling(score={"kind": "multiplicative"}, query="learned"),
    "input_attention": InputAttention(units=4),
    "time_attention": TimeAttention(),
    "conv1d": Conv1d(filters=4, kernel=3),
    "conv1d, even": Conv1d(filters=4, kernel=4, dilation=2),
    "conv1d, causal": Conv1d(filters=4, kernel=3, dilation=2, groups=4, padding="causal", activation="tanh"),
    "conv1d, strided": Conv1d(filters=4, kernel=3, stride=2),
    "conv1d, causal and strided": Conv1d(filters=4, kernel=3, stride=3, padding="causal"),
    "conv1d, pointwise": Conv1d(filters=4, kernel=1, padding="valid"),
    "tcn": TCN(filters=4, activation="tanh"),
    "tcn, two blocks": TCN(filters=8, kernel=2, blocks=2, activation="tanh", weight_normalisation=False),
    "pooling": Pooling(by=("last",)),
    "pooling, all": Pooling(by=("max", "last", "mean")),
    "segment": Segment(length=2, cell=GRU),
    "segment, two layers": Segment(length=4, cell={**GRU, "layers": 2}),
    "batch_norm": BatchNorm(),
    "layer_norm": LayerNorm(),
    "instance_norm": InstanceNorm(),
    "embedding": Embedding(tokens=TOKENS, width=3),
    "spelling": Spelling(longest=2, letters=TOKENS, width=3, filters=4),
    "positional": Sinusoidal(),
    "positional, beside": Sinusoidal(join="concat", width=5),
    "learned_positional": LearnedPositions(length=TIME),
    "learned_positional, beside": LearnedPositions(length=TIME, join="concat", width=5),
    "gate": ThresholdGate(),
    "residual": Residual(layers=(GRU, DENSE), project=True),
    "residual, not streaming": Residual(layers=({"kind": "conv1d", "filters": 6, "kernel": 3},), project=True),
    "parallel": Parallel(branches=((GRU,), (DENSE, CAUSAL))),
    "parallel, pooled": Parallel(
        branches=((GRU, MEAN), ({**CAUSAL, "padding": "valid", "kernel": 1}, MEAN)), join="sum"
    ),
    "parallel, nested": Parallel(
        branches=(({"kind": "residual", "layers": [CAUSAL], "project": True},), ({"kind": "positional"}, GRU))
    ),
}
"""By name; the name begins with the kind, and every kind has one. Frames are in `FRAMES`, since theirs is a width of
their own, as are the layers whose sequences must be as long as their kernel reaches."""

FRAMES: Mapping[str, Layer] = {
    "frames": Frames(height=4, width=2, filters=(3,), activation="tanh"),
    "frames, mean": Frames(height=4, width=2, filters=(3, 2), pool="mean", activation="tanh"),
}

OTHERS: Mapping[str, Mapping[str, Any]] = {
    "dense": {"units": 5, "activation": "relu", "initialisation": {"kind": "he"}},
    "activation": {"function": "relu", "slope": 0.5},
    "dropout": {"rate": 0.5, "locked": True},
    "attention": {"heads": 2, "causal": True, "dropout": 0.5},
    "attention_pooling": {"score": {"kind": "multiplicative", "form": "dot"}, "query": "learned"},
    "input_attention": {"units": 5},
    "time_attention": {"shared": True},
    "conv1d": {
        "filters": 5,
        "kernel": 2,
        "stride": 2,
        "dilation": 2,
        "groups": 2,
        "padding": "causal",
        "activation": "relu",
        "bias": False,
        "initialisation": {"kind": "he"},
    },
    "tcn": {
        "filters": 5,
        "kernel": 2,
        "blocks": 2,
        "dilation": 2,
        "dropout": 0.5,
        "activation": "relu",
        "weight_normalisation": False,
        "initialisation": {"kind": "xavier"},
    },
    "pooling": {"by": ("max",)},
    "segment": {"length": 4, "cell": {"kind": "lstm", "units": 4}, "dropout": 0.5},
    "batch_norm": {"epsilon": 0.5, "affine": False, "momentum": 0.5},
    "layer_norm": {"epsilon": 0.5, "affine": False},
    "instance_norm": {"epsilon": 0.5, "affine": False},
    "embedding": {"tokens": 10, "width": 4, "column": 1, "initialisation": {"kind": "uniform"}},
    "spelling": {"column": (1, {"longest": 1}), "longest": 1, "letters": 10, "width": 4, "filters": 5, "kernel": 2},
    "positional": {"join": ("concat", {"width": 4}), "width": (4, {"join": "concat"}), "period": 100.0},
    "learned_positional": {
        "join": ("concat", {"width": 4}),
        "width": (4, {"join": "concat"}),
        "length": 9,
        "initialisation": {"kind": "uniform"},
    },
    "gate": {"threshold": 0.1, "sharpness": 1.0},
    "frames": {
        "height": (2, {"channels": 2}),
        "width": (1, {"channels": 2}),
        "channels": (2, {"height": 2}),
        "filters": (4,),
        "kernel": 5,
        "pool": "mean",
        "activation": "relu",
        "initialisation": {"kind": "xavier"},
    },
    "residual": {"layers": (GRU,), "project": False, "zero": True},
    "parallel": {"branches": ((GRU,), (GRU,)), "join": "sum"},
}
"""Of each kind but the cells, which have a suite of their own: another value of each field than its example has, and
where two fields go together what the other one is."""
