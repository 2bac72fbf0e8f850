"""Every variant of RNN, GRU and LSTM against its equation written by hand: outputs, all gradients, through time."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from numpy import ndarray
from torch import Tensor

from rnnlib.cells import GRU, LSTM, RNN, Cell, CellLayer
from tests.rnnlib.cells import by_hand_variants as by_hand

INPUTS, UNITS, BATCH, TIME = 3, 5, 4, 9
Hand = Callable[[ndarray, by_hand.Weights, ndarray], by_hand.Pass]

CASES: dict[str, tuple[Cell, Hand]] = {
    **{f"rnn {name}": (RNN(units=UNITS, activation=name), partial(by_hand.rnn, activation=name))
       for name in by_hand.SLOPES},
    "rnn layer_norm": (RNN(units=UNITS, layer_norm=True), by_hand.rnn),
    "rnn without bias": (RNN(units=UNITS, bias=False), by_hand.rnn),
    "rnn zoneout": (RNN(units=UNITS, zoneout=0.3), partial(by_hand.rnn, zoneout=0.3)),
    "gru": (GRU(units=UNITS), by_hand.gru),
    "gru reset before": (GRU(units=UNITS, reset="before"), partial(by_hand.gru, reset="before")),
    "gru layer_norm": (GRU(units=UNITS, layer_norm=True), by_hand.gru),
    "gru layer_norm, reset before": (
        GRU(units=UNITS, layer_norm=True, reset="before"), partial(by_hand.gru, reset="before")),
    "gru without bias": (GRU(units=UNITS, bias=False), by_hand.gru),
    "gru without bias, reset before": (
        GRU(units=UNITS, bias=False, reset="before"), partial(by_hand.gru, reset="before")),
    "gru zoneout": (GRU(units=UNITS, zoneout=0.3), partial(by_hand.gru, zoneout=0.3)),
    "lstm": (LSTM(units=UNITS), by_hand.lstm),
    "lstm peephole": (LSTM(units=UNITS, peephole=True), by_hand.lstm),
    "lstm projection": (LSTM(units=UNITS, projection=2), by_hand.lstm),
    "lstm layer_norm": (LSTM(units=UNITS, layer_norm=True), by_hand.lstm),
    "lstm without bias": (LSTM(units=UNITS, bias=False), by_hand.lstm),
    "lstm all of them": (LSTM(units=UNITS, layer_norm=True, peephole=True, projection=3), by_hand.lstm),
    "lstm zoneout": (
        LSTM(units=UNITS, zoneout=0.3, memory_zoneout=0.2), partial(by_hand.lstm, zoneout=0.3, memory_zoneout=0.2)),
}  # fmt: skip


def layer_of(cell: Cell) -> CellLayer:
    torch.manual_seed(1)
    layer = cell.layer(INPUTS).double().eval()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return layer


def weights_of(layer: CellLayer) -> by_hand.Weights:
    return {name: parameter.detach().numpy().copy() for name, parameter in layer.named_parameters()}


def run(layer: CellLayer, x: Tensor, way: str) -> Tensor:
    if way == "sequence":
        return layer.sequence(x.transpose(0, 1), layer.start(len(x)))[0].transpose(0, 1)
    state, shown = layer.start(len(x)), []
    for at in x.unbind(1):
        output, state = layer.step(at, state)
        shown.append(output)
    return torch.stack(shown, 1)


@pytest.mark.parametrize("way", ["sequence", "step"])
@pytest.mark.parametrize("case", CASES)
def test_outputs_and_gradients_are_those_of_the_equation(case: str, way: str) -> None:
    cell, hand = CASES[case]
    layer, draw = layer_of(cell), np.random.default_rng(2)
    x, upstream = draw.normal(size=(BATCH, TIME, INPUTS)), draw.normal(size=(BATCH, TIME, cell.width))
    expected = hand(x, weights_of(layer), upstream)

    inputs = torch.tensor(x, requires_grad=True)
    outputs = run(layer, inputs, way)
    (outputs * torch.tensor(upstream)).sum().backward()

    np.testing.assert_allclose(outputs.detach(), expected.outputs, rtol=0, atol=1e-10)
    np.testing.assert_allclose(inputs.grad, expected.x, rtol=0, atol=1e-10)
    for name, parameter in layer.named_parameters():
        np.testing.assert_allclose(parameter.grad, expected.weights[name], rtol=0, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("case", CASES)
def test_the_hand_written_gradients_are_those_of_differences(case: str) -> None:
    """The oracle itself: its backward pass against central differences of its forward pass."""
    cell, hand = CASES[case]
    draw = np.random.default_rng(3)
    x, upstream = draw.normal(size=(2, 4, INPUTS)), draw.normal(size=(2, 4, cell.width))
    weights = weights_of(layer_of(cell))
    analytic = hand(x, weights, upstream).weights
    for name, value in weights.items():
        place = tuple(draw.integers(size) for size in value.shape)
        middle, sides = value[place], []
        for value[place] in (middle + 1e-6, middle - 1e-6):
            sides.append((hand(x, weights, upstream).outputs * upstream).sum())
        value[place] = middle
        assert (sides[0] - sides[1]) / 2e-6 == pytest.approx(analytic[name][place], rel=1e-5, abs=1e-7), name
