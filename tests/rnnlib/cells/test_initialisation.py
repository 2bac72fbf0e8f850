"""How weights start: Keras' defaults, gate by gate."""

import math

import pytest
import torch

from rnnlib.cells import GRU, LSTM, RNN, Cell
from rnnlib.layer import Flow

CELLS = [(RNN(units=48), 1), (LSTM(units=48), 4), (GRU(units=48), 3)]


@pytest.mark.parametrize(("cell", "gates"), CELLS)
def test_kernels_are_glorot_uniform_in_every_gate(cell: Cell, gates: int) -> None:
    torch.manual_seed(0)
    limit = math.sqrt(6 / (16 + 48))
    blocks = cell.layer(16).get_parameter("kernel").detach().chunk(gates)
    for block in blocks:
        assert block.shape == (48, 16)
        assert block.abs().max() <= limit
        assert block.abs().max() > 0.98 * limit
        assert block.var().item() == pytest.approx(limit**2 / 3, rel=0.1)


@pytest.mark.parametrize(("cell", "gates"), CELLS)
def test_recurrent_kernels_are_orthogonal_in_every_gate(cell: Cell, gates: int) -> None:
    for block in cell.layer(16).get_parameter("recurrent_kernel").detach().chunk(gates):
        torch.testing.assert_close(block @ block.T, torch.eye(48), rtol=0, atol=1e-5)


def test_biases_are_zero_except_the_forget_gates() -> None:
    assert not RNN(units=5).layer(2).get_parameter("bias").any()
    gru = GRU(units=5).layer(2)
    assert not gru.get_parameter("bias").any()
    assert not gru.get_parameter("reset_bias").any()
    assert LSTM(units=5).layer(2).get_parameter("bias").tolist() == [0.0] * 5 + [1.0] * 5 + [0.0] * 10


@pytest.mark.parametrize(
    ("cell", "parameters"),
    [
        (RNN(units=32), 32 * (32 + 1 + 1)),  # keras.layers.SimpleRNN(32) on one column: 1,088
        (LSTM(units=128), 4 * 128 * (128 + 1 + 1)),  # keras.layers.LSTM(128): 66,560
        (GRU(units=128), 3 * 128 * (128 + 1 + 1) + 128),  # Keras counts two biases for every gate: 50,304
        (RNN(units=32, layers=2), 32 * (32 + 1 + 1) + 32 * (32 + 32 + 1)),
    ],
)
def test_parameter_counts(cell: Cell, parameters: int) -> None:
    assert sum(parameter.numel() for parameter in cell.build(Flow(1)).parameters()) == parameters
