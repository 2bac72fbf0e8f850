"""Stacked cells: ONNX's own recurrent operators where they are the equation, loops (Scan) where they are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any, NamedTuple, cast

import torch
from onnx import TensorProto
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.cells.both_ways import BothWays, StackedBothWays
from rnnlib.cells.gru import GRULayer
from rnnlib.cells.layer import CellLayer
from rnnlib.cells.lstm import LSTMLayer
from rnnlib.cells.recurrent import RecurrentLayer
from rnnlib.cells.rnn import RNNLayer
from rnnlib.cells.stacked import Stacked
from rnnlib.errors import ModelError
from rnnlib.interchange.onnx.graph import Graph, Steps
from rnnlib.interchange.onnx.write import write

ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid", "hard_sigmoid": "HardSigmoid"}
"""What ONNX's recurrent operators apply."""
SLOPES = {"HardSigmoid": (1 / 6, 0.5)}
"""The α and β of those that have any."""


@singledispatch
def write_cell(layer: nn.Module, graph: Graph, x: str) -> str:  # noqa: ARG001 - others use them
    """One layer over x [time, batch, feature]: [time, batch, unit]. Raises `ModelError` for one that has no nodes."""
    raise ModelError(f"a cell is exported by ONNX's own operators: received {type(layer).__name__}; use another cell")


@write.register
def _stacked(module: Stacked, graph: Graph, steps: Steps) -> Steps:
    x = graph.turned(steps.values)
    for place, layer in enumerate(module.of_cell()):
        outputs = write_cell(layer, graph, x)
        x = graph.node("Add", x, outputs) if module.between.residual and place else outputs
    steps = steps._replace(values=graph.turned(x))
    return (
        steps if not module.between.last else Steps(graph.node("Unsqueeze", graph.last(steps), graph.integers(1)), None)
    )


@write.register
def _stacked_both_ways(module: StackedBothWays, graph: Graph, steps: Steps) -> Steps:
    *below, top = cast("list[BothWays]", list(module))
    x = graph.turned(steps.values)
    for place, layer in enumerate(below):
        outputs = _joined(layer, graph, *_each_way(layer, graph, steps, x, turn=True))
        x = graph.node("Add", x, outputs) if module.between.residual and place else outputs
    adds = module.between.residual and bool(below)
    there, back = _each_way(top, graph, steps, x, turn=not module.between.last)
    if not module.between.last:
        outputs = _joined(top, graph, there, back)
        x = graph.node("Add", x, outputs) if adds else outputs
        return steps._replace(values=graph.turned(x))
    ends = _joined(top, graph, *(graph.last(steps._replace(values=graph.turned(one))) for one in (there, back)))
    if adds:
        ends = graph.node("Add", graph.last(steps._replace(values=graph.turned(x))), ends)
    return Steps(graph.node("Unsqueeze", ends, graph.integers(1)), None)


def _each_way(layer: BothWays, graph: Graph, steps: Steps, x: str, *, turn: bool) -> tuple[str, str]:
    """Both directions' outputs [time, batch, unit]; the second one turned back to the order of time where asked for."""
    lengths = _lengths(graph, steps, x)
    around = {"time_axis": 0, "batch_axis": 1}
    there = write_cell(layer.forwards, graph, x)
    back = write_cell(layer.backwards, graph, graph.node("ReverseSequence", x, lengths, attributes=around))
    return there, graph.node("ReverseSequence", back, lengths, attributes=around) if turn else back


def _joined(layer: BothWays, graph: Graph, there: str, back: str) -> str:
    if layer.join == "sum":
        return graph.node("Add", there, back)
    return graph.node("Concat", there, back, attributes={"axis": -1})


def _lengths(graph: Graph, steps: Steps, x: str) -> str:
    """int64 [batch]: given, or as many as there are steps."""
    if steps.lengths is not None:
        return graph.node("Cast", steps.lengths, attributes={"to": TensorProto.INT64})
    time, batch = (graph.node("Gather", graph.node("Shape", x), graph.integers(axis)) for axis in (0, 1))
    return graph.node("Expand", time, batch)


def start(layer: CellLayer, graph: Graph, x: str) -> list[str]:
    """The state before the first step, one name a member: [batch, width]."""
    found = []
    for member in layer.start(1):
        batch = graph.node("Gather", graph.node("Shape", x), graph.integers(1))
        shape = graph.node("Concat", batch, graph.integers(member.shape[1]), attributes={"axis": 0})
        found.append(graph.node("Expand", graph.weight(member), shape))
    return found


@write_cell.register
def _rnn(layer: RNNLayer, graph: Graph, x: str) -> str:
    _refuse_additions(layer, normalised=layer.layer_norm)
    return _operator(layer, graph, x, _Operator("RNN", (0,), (layer.activation,)))


@write_cell.register
def _lstm(layer: LSTMLayer, graph: Graph, x: str) -> str:
    _refuse_additions(layer, normalised=not isinstance(layer.kernel_norm, nn.Identity))
    if layer.projection_kernel is not None:
        raise ModelError("ONNX's LSTM has no projection: received one; leave it out, or serve the bundle itself")
    peephole: tuple[Tensor, ...] = ()
    if layer.peephole is not None:
        of_input, of_forget, of_output = layer.peephole.chunk(3)
        peephole = (torch.cat([of_input, of_output, of_forget])[None],)
    inner = layer.recurrent_activation, layer.activation, layer.activation
    return _operator(layer, graph, x, _Operator("LSTM", (0, 3, 1, 2), inner, more=peephole))


@write_cell.register
def _gru(layer: GRULayer, graph: Graph, x: str) -> str:
    _refuse_additions(layer, normalised=not isinstance(layer.gates_kernel_norm, nn.Identity))
    inner = layer.recurrent_activation, layer.activation
    second = None if layer.reset_bias is None else F.pad(layer.reset_bias, (2 * layer.units, 0))
    after = {"linear_before_reset": int(layer.reset == "after")}
    return _operator(layer, graph, x, _Operator("GRU", (1, 0, 2), inner, second_bias=second, attributes=after))


def _refuse_additions(layer: RecurrentLayer, *, normalised: bool) -> None:
    if normalised or any(layer.zoneouts):
        received = "layer_norm" if normalised else "zoneout"
        rule = "ONNX's recurrent operators are the plain equations"
        raise ModelError(f"{rule}: received {received}; leave it out, or serve the bundle itself")


class _Operator(NamedTuple):
    """How one of ONNX's recurrent operators is a layer of ours."""

    name: str
    order: tuple[int, ...]
    """Which of our gates stands at each place of theirs."""
    activations: tuple[str, ...]
    second_bias: Tensor | None = None
    """What is added to U h before anything else happens to it."""
    more: tuple[Tensor, ...] = ()
    """Inputs behind the initial state."""
    attributes: Mapping[str, int] = {}


def _operator(layer: RecurrentLayer, graph: Graph, x: str, operator: _Operator) -> str:
    def theirs(rows: Tensor) -> Tensor:
        gates = rows.detach().view(len(operator.order), layer.units, *rows.shape[1:])
        return gates[list(operator.order)].flatten(0, 1)[None]

    zeros = layer.kernel.new_zeros(len(layer.kernel))
    biases = (zeros if bias is None else bias for bias in (layer.bias, operator.second_bias))
    both = torch.cat([theirs(bias) for bias in biases], dim=1)
    weights = [graph.weight(one) for one in (theirs(layer.kernel), theirs(layer.recurrent_kernel), both)]
    first = [""] * len(layer.widths)
    if layer.initial_state is not None:
        first = [graph.node("Unsqueeze", member, graph.integers(0)) for member in start(layer, graph, x)]
    inputs = [x, *weights, "", *first, *(graph.weight(one) for one in operator.more)]
    attributes = {**_activations(operator.activations), **operator.attributes, "hidden_size": layer.units}
    return graph.node("Squeeze", graph.node(operator.name, *inputs, attributes=attributes), graph.integers(1))


def _activations(names: Sequence[str]) -> dict[str, Any]:
    if odd := [name for name in names if name not in ACTIVATIONS]:
        rule = f"ONNX's recurrent operators apply {', '.join(ACTIVATIONS)}"
        raise ModelError(f"{rule}: received {odd[0]}; use one of these, or serve the bundle itself")
    theirs = [ACTIVATIONS[name] for name in names]
    slopes = [SLOPES[name] for name in theirs if name in SLOPES]
    more = {"activation_alpha": [a for a, _ in slopes], "activation_beta": [b for _, b in slopes]} if slopes else {}
    return {"activations": theirs, **more}
