"""Cells that ONNX has no operator for, written as loops over their equation."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rnnlib.cells.ind_rnn import IndRNNLayer
from rnnlib.cells.lru import LRULayer
from rnnlib.cells.min_gru import MinGRULayer
from rnnlib.cells.min_lstm import MinLSTMLayer
from rnnlib.interchange.onnx.activations import activated
from rnnlib.interchange.onnx.cells import start, write_cell
from rnnlib.interchange.onnx.graph import Graph


def _linear(graph: Graph, kept: str, added: str, first: str) -> str:
    """h_t = kept_t ⊙ h_{t−1} + added_t."""

    def step(body: Graph, states: Sequence[str], read: Sequence[str]) -> tuple[list[str], str]:
        h = body.node("Add", body.node("Mul", read[0], states[0]), read[1])
        return [h], h

    return graph.loop(step, [first], [kept, added])


def _positive(graph: Graph, a: str) -> str:
    """g(a) = a + ½ where a ≥ 0, σ(a) elsewhere."""
    above = graph.node("GreaterOrEqual", a, graph.number(0))
    return graph.node("Where", above, graph.node("Add", a, graph.number(0.5)), graph.node("Sigmoid", a))


def _less(graph: Graph, a: str) -> str:
    return graph.node("Sigmoid", graph.node("Neg", a))


def _split(graph: Graph, x: str, parts: int) -> list[str]:
    return graph.nodes("Split", [x], parts, {"axis": -1, "num_outputs": parts})


@write_cell.register
def _min_gru(layer: MinGRULayer, graph: Graph, x: str) -> str:
    a, n = _split(graph, graph.affine(x, layer.kernel, layer.bias), 2)
    added = graph.node("Mul", graph.node("Sigmoid", a), _positive(graph, n))
    return _linear(graph, _less(graph, a), added, *start(layer, graph, x))


@write_cell.register
def _min_lstm(layer: MinLSTMLayer, graph: Graph, x: str) -> str:
    i, f, n = _split(graph, graph.affine(x, layer.kernel, layer.bias), 3)
    more = graph.node("Sub", _less_log(graph, i), _less_log(graph, f))  # log σ(a) = −softplus(−a)
    added = graph.node("Mul", _less(graph, more), _positive(graph, n))
    return _linear(graph, graph.node("Sigmoid", more), added, *start(layer, graph, x))


def _less_log(graph: Graph, a: str) -> str:
    """−log σ(a)."""
    return graph.node("Softplus", graph.node("Neg", a))


@write_cell.register
def _ind_rnn(layer: IndRNNLayer, graph: Graph, x: str) -> str:
    read, u = graph.affine(x, layer.kernel, layer.bias), graph.weight(layer.recurrent)

    def step(body: Graph, states: Sequence[str], now: Sequence[str]) -> tuple[list[str], str]:
        h = activated(body, body.node("Add", now[0], body.node("Mul", u, states[0])), layer.activation)
        return [h], h

    return graph.loop(step, start(layer, graph, x), [read])


@write_cell.register
def _lru(layer: LRULayer, graph: Graph, x: str) -> str:
    """(a + ib)(u + iv) in real numbers; both parts side by side in one state."""
    factors = layer.factors().detach()
    real, imaginary = graph.weight(factors.real), graph.weight(factors.imag)
    scale = layer.log_scale.detach().exp()[:, None]
    read = [graph.affine(x, scale * layer.kernel[:, part], None) for part in range(2)]

    def step(body: Graph, states: Sequence[str], now: Sequence[str]) -> tuple[list[str], str]:
        u, v = states
        turned = body.node("Sub", body.node("Mul", real, u), body.node("Mul", imaginary, v))
        across = body.node("Add", body.node("Mul", real, v), body.node("Mul", imaginary, u))
        after = [body.node("Add", turned, now[0]), body.node("Add", across, now[1])]
        return after, body.node("Concat", *after, attributes={"axis": -1})

    states = graph.loop(step, start(layer, graph, x), read)
    shown = graph.affine(states, torch.cat([layer.output_kernel[:, :, part] for part in range(2)], dim=1), None)
    return graph.node("Add", shown, graph.affine(x, layer.skip_kernel, layer.bias))
