"""Every cell against its equation written by hand: outputs and all gradients, through time."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy import ndarray

from rnnlib.cells import GRU, LSTM, RNN, Cell, CellLayer
from tests.rnnlib.cells import by_hand

INPUTS, UNITS, BATCH, TIME = 3, 5, 4, 9

CASES = {
    "rnn tanh": (RNN(units=UNITS), lambda x, w, u: by_hand.rnn(x, w, u, "tanh")),
    "rnn relu": (RNN(units=UNITS, activation="relu"), lambda x, w, u: by_hand.rnn(x, w, u, "relu")),
    "lstm": (LSTM(units=UNITS), by_hand.lstm),
    "gru": (GRU(units=UNITS), by_hand.gru),
}


def layer_of(cell: Cell, dtype: torch.dtype) -> CellLayer:
    """One layer with every weight drawn anew, biases too: a bias of 0 would hide where it stands."""
    torch.manual_seed(1)
    layer = cell.layer(INPUTS).to(dtype)
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return layer


def weights_of(layer: CellLayer) -> dict[str, ndarray]:
    named = {name: parameter.detach().double().numpy() for name, parameter in layer.named_parameters()}
    gates = len(named["bias"]) // UNITS
    weights = {
        "W": named["kernel"].reshape(gates, UNITS, INPUTS),
        "U": named["recurrent_kernel"].reshape(gates, UNITS, UNITS),
        "b": named["bias"].reshape(gates, UNITS),
    }
    return weights | ({"c": named["reset_bias"]} if "reset_bias" in named else {})


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
@pytest.mark.parametrize("way", ["sequence", "step"])
def test_outputs_and_gradients_are_those_of_the_equation(
    case: str, dtype: torch.dtype, tolerance: float, way: str
) -> None:
    cell, hand = CASES[case]
    layer = layer_of(cell, dtype)
    draw = np.random.default_rng(2)
    x, upstream = draw.normal(size=(BATCH, TIME, INPUTS)), draw.normal(size=(BATCH, TIME, UNITS))
    expected = hand(x, weights_of(layer), upstream)

    inputs = torch.tensor(x, dtype=dtype, requires_grad=True)
    outputs = run(layer, way)(inputs)
    (outputs * torch.tensor(upstream, dtype=dtype)).sum().backward()

    np.testing.assert_allclose(outputs.detach(), expected.outputs, rtol=0, atol=tolerance)
    np.testing.assert_allclose(inputs.grad, expected.x, rtol=0, atol=tolerance)
    names = {"W": "kernel", "U": "recurrent_kernel", "b": "bias", "c": "reset_bias"}
    for name, gradient in expected.weights.items():
        ours = layer.get_parameter(names[name]).grad
        np.testing.assert_allclose(ours.reshape(gradient.shape), gradient, rtol=0, atol=tolerance, err_msg=name)


def run(layer: CellLayer, way: str) -> Callable[[torch.Tensor], torch.Tensor]:
    if way == "step":
        return stepwise(layer)
    return lambda x: layer.sequence(x.transpose(0, 1), layer.start(len(x)))[0].transpose(0, 1)


def stepwise(layer: CellLayer) -> Callable[[torch.Tensor], torch.Tensor]:
    def outputs(x: torch.Tensor) -> torch.Tensor:
        state, hidden = layer.start(len(x)), []
        for at in x.unbind(1):
            output, state = layer.step(at, state)
            hidden.append(output)
        return torch.stack(hidden, 1)

    return outputs


def test_the_hand_written_gradients_are_those_of_differences() -> None:
    """The oracle itself: its backward pass against central differences of its forward pass."""
    draw = np.random.default_rng(3)
    x, upstream = draw.normal(size=(2, 4, INPUTS)), draw.normal(size=(2, 4, UNITS))
    for case, (cell, hand) in CASES.items():
        weights = {name: value.copy() for name, value in weights_of(layer_of(cell, torch.float64)).items()}
        analytic = hand(x, weights, upstream).weights
        for name, value in weights.items():
            place = tuple(draw.integers(size) for size in value.shape)
            middle = value[place]
            sides = []
            for value[place] in (middle + 1e-6, middle - 1e-6):
                sides.append((hand(x, weights, upstream).outputs * upstream).sum())
            value[place] = middle
            assert (sides[0] - sides[1]) / 2e-6 == pytest.approx(analytic[name][place], rel=1e-5, abs=1e-7), (
                case,
                name,
            )
