"""Whole models: the layers, then the head."""

from __future__ import annotations

from functools import singledispatch

import numpy as np
from torch import nn

from rnnlib.errors import ModelError
from rnnlib.interchange.onnx.graph import Graph, Steps
from rnnlib.interchange.onnx.heads import Known, write_head
from rnnlib.interchange.onnx.write import write
from rnnlib.models.relative import RelativeToLast
from rnnlib.models.sequence_model import SequenceModel


@singledispatch
def write_model(module: nn.Module, graph: Graph, steps: Steps, known: Known) -> str:  # noqa: ARG001 - others use them
    """Writes a model that reads `steps`, and gives the name of its output."""
    raise ModelError(f"models of layers and a head are exported: received {type(module).__name__}")


@write_model.register
def _sequence_model(module: SequenceModel, graph: Graph, steps: Steps, known: Known) -> str:
    return write_head(module.head, graph, write(module.layers, graph, steps), known)


@write_model.register
def _relative_to_last(module: RelativeToLast, graph: Graph, steps: Steps, known: Known) -> str:
    targets = list(module.target_columns)
    of_targets = np.isin(np.arange(known.inputs), targets).astype(np.float32)
    last = graph.node("Unsqueeze", graph.last(steps), graph.integers(1))
    inputs = graph.node("Sub", steps.values, graph.node("Mul", last, graph.constant(of_targets)))
    difference = write_head(module.head, graph, write(module.layers, graph, steps._replace(values=inputs)), known)
    return graph.node("Add", difference, graph.node("Gather", last, graph.integers(*targets), attributes={"axis": 2}))
