"""Layers that do the same to every step, and layers in a row."""

from __future__ import annotations

from rnnlib.interchange.onnx.activations import activated
from rnnlib.interchange.onnx.graph import Graph, Steps
from rnnlib.interchange.onnx.write import write
from rnnlib.layers.dense import DenseSteps
from rnnlib.layers.dropout import DropoutSteps
from rnnlib.layers.stack import Stack


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
def _dropout(module: DropoutSteps, graph: Graph, steps: Steps) -> Steps:  # noqa: ARG001 - outside training it does nothing
    return steps
