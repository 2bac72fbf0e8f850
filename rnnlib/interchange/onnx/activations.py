"""Activations in ONNX's operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnlib.errors import ModelError
from rnnlib.interchange.onnx.graph import Graph


def activated(graph: Graph, x: str, activation: str) -> str:
    """φ(x); raises `ModelError` for an activation that stands in no table here."""
    if activation not in _WRITTEN:
        rule = "an activation is exported by ONNX's own operators"
        raise ModelError(f"{rule}: received {activation}; use one of {', '.join(_WRITTEN)}")
    return _WRITTEN[activation](graph, x)


def _operator(name: str, attributes: Mapping[str, float | int] | None = None) -> Callable[[Graph, str], str]:
    return lambda graph, x: graph.node(name, x, attributes=attributes)


def _silu(graph: Graph, x: str) -> str:
    return graph.node("Mul", x, graph.node("Sigmoid", x))


def _hard_tanh(graph: Graph, x: str) -> str:
    return graph.node("Clip", x, graph.number(-1), graph.number(1))


_WRITTEN: Mapping[str, Callable[[Graph, str], str]] = {
    "linear": lambda _graph, x: x,
    "relu": _operator("Relu"),
    "tanh": _operator("Tanh"),
    "sigmoid": _operator("Sigmoid"),
    "gelu": _operator("Gelu"),
    "silu": _silu,
    "elu": _operator("Elu", {"alpha": 1.0}),
    "leaky_relu": _operator("LeakyRelu", {"alpha": 0.01}),
    "softmax": _operator("Softmax", {"axis": -1}),
    "softplus": _operator("Softplus"),
    "hard_sigmoid": _operator("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    "hard_silu": _operator("HardSwish"),
    "hard_tanh": _hard_tanh,
}
