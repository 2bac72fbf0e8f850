"""Who is measured at what, and what is to be reached."""

from __future__ import annotations

from typing import Literal, NamedTuple

from benchmarks.process import Contestant

PYTORCH = "PyTorch nn + DataLoader"
TUNED = "PyTorch, allocation tuned"
LOWER = "PyTorch, tuned, bfloat16 autocast"
JAX = "Keras 3.15 on JAX"
OURS = "rnnlib"
UNTUNED = "rnnlib, allocation untuned"
OURS_LOWER = "rnnlib, bfloat16"

_TUNED = {"tuned": True}
_LOWER = {"tuned": True, "precision": "bfloat16"}

TRAINING = (
    Contestant(PYTORCH, "torch", "torch_by_hand"),
    Contestant(TUNED, "torch", "torch_by_hand", _TUNED),
    Contestant(LOWER, "torch", "torch_by_hand", _LOWER),
    Contestant("Lightning 2.6", "lightning", "lightning_fit"),
    Contestant(
        "Keras 3.15 on TensorFlow", "keras-tensorflow", "keras_fit", {"environment": {"KERAS_BACKEND": "tensorflow"}}
    ),
    Contestant(JAX, "keras-jax", "keras_fit", {"environment": {"KERAS_BACKEND": "jax"}}),
    Contestant(OURS, "rnnlib", "rnnlib_fit"),
    Contestant(UNTUNED, "rnnlib", "rnnlib_fit", {"section": {"allocation": "system"}}),
    Contestant(OURS_LOWER, "rnnlib", "rnnlib_fit", {"section": {"precision": "bfloat16"}}),
)

SAME = {"spec": "m4-hourly-lstm"}
OURS_SPEC = "rnnlib, specs/m4-hourly.yaml"
M4 = (
    Contestant(PYTORCH, "torch", "torch_m4"),
    Contestant(TUNED, "torch", "torch_m4", _TUNED),
    Contestant(LOWER, "torch", "torch_m4", _LOWER),
    Contestant(OURS, "rnnlib", "rnnlib_m4", SAME),
    Contestant(UNTUNED, "rnnlib", "rnnlib_m4", {**SAME, "section": {"allocation": "system"}}),
    Contestant(OURS_LOWER, "rnnlib", "rnnlib_m4", {**SAME, "section": {"precision": "bfloat16"}}),
    Contestant(OURS_SPEC, "rnnlib", "rnnlib_m4", {"spec": "m4-hourly"}),
)

LOADER = "DataLoader, one item at a time"
COPY = "a plain copy of as many bytes, into two places in turn"
COPY_IN_PLACE = "the same, into one place"
COPY_OF_MEMORY = "the same, of memory that no core has in its caches"


def _windows(data: str) -> tuple[Contestant, ...]:
    return (
        Contestant(LOADER, "torch", "torch_windows", {"how": "loader", "data": data}),
        Contestant(COPY, "torch", "torch_windows", {"how": "copy", "data": data}),
        Contestant(COPY_IN_PLACE, "torch", "torch_windows", {"how": "place", "data": data}),
        Contestant(COPY_OF_MEMORY, "torch", "torch_windows", {"how": "memory", "data": data}),
        Contestant(OURS, "rnnlib", "rnnlib_windows", {"data": data}),
    )


WINDOWS, WINDOWS_OF_MANY = _windows("one"), _windows("panel")

SEQUENCE_OF_ONE = "nn.LSTM in inference_mode"
STREAMING = (
    Contestant(SEQUENCE_OF_ONE, "torch", "torch_streaming", {"module": "LSTM"}),
    Contestant("nn.LSTMCell in inference_mode", "torch", "torch_streaming", {"module": "LSTMCell"}),
    Contestant("onnxruntime 1.32", "torch", "onnx_streaming"),
    Contestant(OURS, "rnnlib", "rnnlib_streaming"),
)

GIVEN_TYPES = "polars' read_csv, types given"
LOAD_CSV = (
    Contestant(GIVEN_TYPES, "rnnlib", "load_csv", {"how": "polars"}),
    Contestant(OURS, "rnnlib", "load_csv", {"how": "rnnlib"}),
    Contestant("the file's sha256 alone", "rnnlib", "load_csv", {"how": "digest"}),
)

LIMITS = (Contestant("torch 2.13", "torch", "limits"),)


class Goal(NamedTuple):
    """A ratio of rates to be reached, on so many threads."""

    contest: str
    contestant: str
    against: str
    ratio: float
    threads: Literal[1, 2] = 1


GOALS = (
    Goal("rnn-32", OURS, PYTORCH, 2.0),
    Goal("rnn-32", OURS, JAX, 0.55),
    Goal("lstm-128", OURS, PYTORCH, 1.6),
    Goal("lstm-128", OURS_LOWER, PYTORCH, 2.8),
    Goal("gru-128", OURS, PYTORCH, 1.6),
    Goal("lstm-256x2", OURS, PYTORCH, 1.3),
    Goal("lstm-256x2", OURS_LOWER, PYTORCH, 2.3),
    Goal("windows", OURS, LOADER, 13.0),
    Goal("windows", OURS, LOADER, 13.0, threads=2),
    Goal("windows", OURS, COPY, 0.6),
    Goal("windows-panel", OURS, LOADER, 13.0),
    Goal("windows-panel", OURS, LOADER, 13.0, threads=2),
    Goal("windows-panel", OURS, COPY, 0.6),
    Goal("streaming", OURS, SEQUENCE_OF_ONE, 6.0),
    Goal("load-csv", OURS, GIVEN_TYPES, 0.5),
)

M4_MILLISECONDS = 230.0
"""The most that a step of M4 hourly may take in float32, on two threads."""
M4_MASE = 1.193
"""Repeating the last day: what a forecast of M4 hourly has to beat."""
