"""Heads: what comes out of the graph, in model units."""

from __future__ import annotations

from functools import singledispatch
from typing import NamedTuple

from torch import nn

from rnnlib.errors import ModelError
from rnnlib.interchange.onnx.graph import Graph, Steps
from rnnlib.models.heads.classes import ClassesHead
from rnnlib.models.heads.point import PointHead
from rnnlib.models.heads.value import ValueHead


class Known(NamedTuple):
    """What a model knows beside its steps: names in the graph, none where it has no such input."""

    inputs: int
    """Columns fed at every step."""
    static: str | None
    future: str | None


@singledispatch
def write_head(head: nn.Module, graph: Graph, steps: Steps, known: Known) -> str:  # noqa: ARG001 - others use them
    """Writes `head`, and gives the name of its output; raises `ModelError` for one that nobody has written down."""
    rule = "a head is exported if it is made of ONNX's own operators"
    raise ModelError(f"{rule}: received {type(head).__name__}; serve the bundle itself, or use another head")


@write_head.register
def _point(head: PointHead, graph: Graph, steps: Steps, known: Known) -> str:
    read = _summary(graph, steps, known.static)
    if known.future is not None:
        read = graph.node("Concat", read, graph.node("Flatten", known.future), attributes={"axis": 1})
    flat = graph.affine(read, head.affine.weight, head.affine.bias)
    return graph.node("Reshape", flat, graph.integers(0, head.horizon, head.targets))


@write_head.register
def _classes(head: ClassesHead, graph: Graph, steps: Steps, known: Known) -> str:
    return graph.affine(_summary(graph, steps, known.static), head.affine.weight, head.affine.bias)


@write_head.register
def _value(head: ValueHead, graph: Graph, steps: Steps, known: Known) -> str:
    flat = graph.affine(_summary(graph, steps, known.static), head.affine.weight, head.affine.bias)
    return graph.node("Squeeze", flat, graph.integers(1))


def _summary(graph: Graph, steps: Steps, static: str | None) -> str:
    last = graph.last(steps)
    return last if static is None else graph.node("Concat", last, static, attributes={"axis": 1})
