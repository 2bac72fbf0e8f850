"""Layers that do the same to every step, and layers around layers."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from rnnlib.interchange.onnx.activations import activated
from rnnlib.interchange.onnx.graph import Graph, Steps
from rnnlib.interchange.onnx.write import write
from rnnlib.layers.activation import ActivationSteps
from rnnlib.layers.batch_norm import BatchNormSteps
from rnnlib.layers.dense import DenseSteps
from rnnlib.layers.dropout import DropoutSteps
from rnnlib.layers.embedding import EmbeddingSteps
from rnnlib.layers.layer_norm import LayerNormSteps
from rnnlib.layers.parallel import ParallelSteps
from rnnlib.layers.residual import ResidualSteps
from rnnlib.layers.stack import Stack
from rnnlib.layers.threshold import ThresholdSteps


@write.register
def _stack(module: Stack, graph: Graph, steps: Steps) -> Steps:
    for layer in module:
        steps = write(layer, graph, steps)
    return steps


@write.register
def _dense(module: DenseSteps, graph: Graph, steps: Steps) -> Steps:
    affine = graph.affine(steps.values, module.affine.weight, module.affine.bias)
    return steps._replace(values=activated(graph, affine, module.activation))


@write.register
def _dropout(module: DropoutSteps, graph: Graph, steps: Steps) -> Steps:  # noqa: ARG001 - it acts in training only
    return steps


@write.register
def _activation(module: ActivationSteps, graph: Graph, steps: Steps) -> Steps:
    if module.function == "leaky_relu":
        values = graph.node("LeakyRelu", steps.values, attributes={"alpha": module.slope})
        return steps._replace(values=values)
    return steps._replace(values=activated(graph, steps.values, module.function))


@write.register
def _threshold(module: ThresholdSteps, graph: Graph, steps: Steps) -> Steps:
    above = graph.node("Sub", graph.node("Abs", steps.values), graph.weight(module.threshold))
    open_ = graph.node("Sigmoid", graph.node("Mul", graph.weight(module.sharpness), above))
    return steps._replace(values=graph.node("Mul", steps.values, open_))


@write.register
def _layer_norm(module: LayerNormSteps, graph: Graph, steps: Steps) -> Steps:
    scale, shift = module.learned.scale, module.learned.shift
    learned = [torch.ones(module.width) if scale is None else scale]
    learned += [] if shift is None else [shift]
    values = graph.node(
        "LayerNormalization",
        steps.values,
        *(graph.weight(one) for one in learned),
        attributes={"axis": -1, "epsilon": module.epsilon},
    )
    return steps._replace(values=values)


@write.register
def _batch_norm(module: BatchNormSteps, graph: Graph, steps: Steps) -> Steps:
    """Outside training the running statistics are constants: one product, one sum."""
    factor: Tensor = (module.variance + module.epsilon).rsqrt()
    shift = -module.mean * factor
    if module.learned.scale is not None and module.learned.shift is not None:
        factor, shift = factor * module.learned.scale, shift * module.learned.scale + module.learned.shift
    scaled = graph.node("Mul", steps.values, graph.weight(factor))
    return steps._replace(values=graph.node("Add", scaled, graph.weight(shift)))


@write.register
def _embedding(module: EmbeddingSteps, graph: Graph, steps: Steps) -> Steps:
    """Padding may hold any number, and a table has rows for its tokens alone: it is taken for token 0."""
    x = graph.zeroed(steps)
    tokens = graph.whole(graph.node("Gather", x, graph.integer(module.column), attributes={"axis": -1}))
    vectors = graph.node("Gather", graph.weight(module.vectors), tokens)
    before = graph.node("Slice", x, graph.integers(0), graph.integers(module.column), graph.integers(-1))
    behind = graph.node("Slice", x, graph.integers(module.column + 1), graph.integers(2**31), graph.integers(-1))
    return steps._replace(values=graph.node("Concat", vectors, before, behind, attributes={"axis": -1}))


@write.register
def _residual(module: ResidualSteps, graph: Graph, steps: Steps) -> Steps:
    around = steps.values
    if isinstance(module.around, nn.Linear):
        around = graph.affine(around, module.around.weight, module.around.bias)
    inside = write(module.layers, graph, steps)
    return inside._replace(values=graph.node("Add", around, inside.values))


@write.register
def _parallel(module: ParallelSteps, graph: Graph, steps: Steps) -> Steps:
    found = [write(branch, graph, steps) for branch in cast("list[Stack]", list(module.branches))]
    values = [one.values for one in found]
    if module.join == "sum":
        return found[0]._replace(values=graph.node("Sum", *values))
    return found[0]._replace(values=graph.node("Concat", *values, attributes={"axis": -1}))
