"""Layers that see several steps at once: convolutions and pooling."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from rnnlib.interchange.onnx.activations import activated
from rnnlib.interchange.onnx.graph import Graph, Steps
from rnnlib.interchange.onnx.write import write
from rnnlib.layers.convolution import Convolution
from rnnlib.layers.pooling import PooledSteps


@write.register
def _convolution(module: Convolution, graph: Graph, steps: Steps) -> Steps:
    filters, taps = module.filters, module.filters.taps
    read = graph.node("Transpose", graph.zeroed(steps), attributes={"perm": [0, 2, 1]})
    weights = [graph.weight(filters.kernel)] + ([] if filters.bias is None else [graph.weight(filters.bias)])
    attributes = {
        "dilations": [taps.dilation],
        "group": filters.groups,
        "kernel_shape": [taps.kernel],
        "pads": [taps.before, taps.behind],
        "strides": [taps.stride],
    }
    found = graph.node("Conv", read, *weights, attributes=attributes)
    values = activated(graph, graph.node("Transpose", found, attributes={"perm": [0, 2, 1]}), module.activation)
    if steps.lengths is None:
        return Steps(values, None)
    moved = graph.node("Add", graph.whole(steps.lengths), graph.integers(taps.before + taps.behind - taps.reach))
    lengths = graph.node("Add", graph.node("Div", moved, graph.integers(taps.stride)), graph.integers(1))
    return Steps(values, lengths)


@write.register
def _pooled(module: PooledSteps, graph: Graph, steps: Steps) -> Steps:
    joined = graph.node("Concat", *(_WAYS[way](graph, steps) for way in module.by), attributes={"axis": 1})
    return Steps(graph.node("Unsqueeze", joined, graph.integers(1)), None)


def _mean(graph: Graph, steps: Steps) -> str:
    one = graph.integers(1)
    if steps.lengths is None:
        return graph.node("ReduceMean", steps.values, one, attributes={"keepdims": 0})
    total = graph.node("ReduceSum", graph.zeroed(steps), one, attributes={"keepdims": 0})
    return graph.node("Div", total, graph.node("Unsqueeze", graph.real(steps.lengths), one))


def _greatest(graph: Graph, steps: Steps) -> str:
    least = float(np.finfo(np.float32).min)
    values = steps.values if steps.lengths is None else graph.valid_or(steps, least)
    return graph.node("ReduceMax", values, graph.integers(1), attributes={"keepdims": 0})


_WAYS: Mapping[str, Callable[[Graph, Steps], str]] = {"last": Graph.last, "mean": _mean, "max": _greatest}
