"""Self-attention."""

from __future__ import annotations

import math

import numpy as np

from rnnlib.interchange.onnx.graph import Graph, Steps
from rnnlib.interchange.onnx.write import write
from rnnlib.layers.attention import SelfAttention

HIDDEN = float(np.finfo(np.float32).min) / 2
"""The score of a step that must not be seen: softmax makes it 0, and it is finite."""


@write.register
def _attention(module: SelfAttention, graph: Graph, steps: Steps) -> Steps:
    x, width = steps.values, module.query.in_features
    heads, each = module.heads, width // module.heads

    def dealt(projection: str) -> str:
        split = graph.node("Reshape", projection, graph.integers(0, 0, heads, each))
        return graph.node("Transpose", split, attributes={"perm": [0, 2, 1, 3]})

    query, key, value = (
        dealt(graph.affine(x, one.weight, one.bias)) for one in (module.query, module.key, module.value)
    )
    turned = graph.node("Transpose", key, attributes={"perm": [0, 1, 3, 2]})
    scores = graph.node("Div", graph.node("MatMul", query, turned), graph.number(math.sqrt(each)))
    if module.causal:
        scores = graph.node("Where", _earlier(graph, x), scores, graph.number(HIDDEN))
    elif steps.lengths is not None:
        valid = graph.node("Unsqueeze", graph.valid(steps), graph.integers(1, 2))
        scores = graph.node("Where", valid, scores, graph.number(HIDDEN))
    seen = graph.node("MatMul", graph.node("Softmax", scores, attributes={"axis": -1}), value)
    joined = graph.node(
        "Reshape", graph.node("Transpose", seen, attributes={"perm": [0, 2, 1, 3]}), graph.integers(0, 0, width)
    )
    output = graph.affine(joined, module.output.weight, module.output.bias)
    return steps._replace(values=graph.node("Add", x, output))


def _earlier(graph: Graph, x: str) -> str:
    """Bool [time, time]: whether the step of the column is no later than that of the row."""
    places = graph.places(x)
    return graph.node(
        "LessOrEqual",
        graph.node("Unsqueeze", places, graph.integers(0)),
        graph.node("Unsqueeze", places, graph.integers(1)),
    )
