"""The second oracle: torch's own stacked modules with the same weights."""

import pytest
import torch
from torch import nn

from rnnlib.cells import GRU, LSTM, RNN, Cell, CellLayer
from rnnlib.layer import Flow

CASES = {
    "rnn tanh": (RNN(units=6, layers=3), nn.RNN(2, 6, 3, batch_first=True)),
    "rnn relu": (
        RNN(units=6, layers=3, activation="relu"),
        nn.RNN(2, 6, 3, nonlinearity="relu", batch_first=True),
    ),
    "lstm": (LSTM(units=6, layers=3), nn.LSTM(2, 6, 3, batch_first=True)),
    "gru": (GRU(units=6, layers=3), nn.GRU(2, 6, 3, batch_first=True)),
}


def copied(layer: CellLayer, theirs: nn.Module, depth: int) -> None:
    """Gives torch's layer our weights; what it has beyond ours is 0."""
    ours = dict(layer.named_parameters())
    with torch.no_grad():
        for name, value in zip(("weight_ih", "weight_hh", "bias_ih"), ours.values(), strict=False):
            getattr(theirs, f"{name}_l{depth}").copy_(value)
        second = getattr(theirs, f"bias_hh_l{depth}").zero_()
        if "reset_bias" in ours:
            second[-len(ours["reset_bias"]) :] = ours["reset_bias"]


@pytest.mark.parametrize("case", CASES)
def test_stacked_layers_are_those_of_torch(case: str) -> None:
    cell, theirs = CASES[case]
    torch.manual_seed(0)
    module = cell.build(Flow(2)).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.4)
    theirs = theirs.double()
    for depth, layer in enumerate(module.of_cell()):
        copied(layer, theirs, depth)
    x, upstream = torch.randn(5, 11, 2, dtype=torch.float64), torch.randn(5, 11, 6, dtype=torch.float64)
    ours_in, theirs_in = x.clone().requires_grad_(), x.clone().requires_grad_()

    ours_out, theirs_out = module(ours_in)[0], theirs(theirs_in)[0]
    (ours_out * upstream).sum().backward()
    (theirs_out * upstream).sum().backward()

    torch.testing.assert_close(ours_out, theirs_out, rtol=0, atol=1e-12)
    torch.testing.assert_close(ours_in.grad, theirs_in.grad, rtol=0, atol=1e-11)
    kernels = [layer.get_parameter("kernel").grad for layer in module.of_cell()]
    for depth, gradient in enumerate(kernels):
        torch.testing.assert_close(gradient, getattr(theirs, f"weight_ih_l{depth}").grad, rtol=0, atol=1e-10)


def test_dropout_between_layers_is_that_of_torch() -> None:
    """Same masks from the same seed: dropout stands between the layers, not behind the last one."""
    ours, theirs = LSTM(units=6, layers=3, dropout=0.4).build(Flow(2)), nn.LSTM(2, 6, 3, batch_first=True, dropout=0.4)
    for depth, layer in enumerate(ours.of_cell()):
        copied(layer, theirs, depth)
    x = torch.randn(5, 11, 2)
    torch.manual_seed(3)
    one, _ = ours(x)
    torch.manual_seed(3)
    other = theirs(x)[0]
    torch.testing.assert_close(one, other)
    assert torch.equal(ours.eval()(x)[0], ours(x)[0]), "no dropout outside training"


def test_a_cell_knows_its_size_without_being_built() -> None:
    cell: Cell = GRU(units=7, layers=2)
    assert (
        cell.after(Flow(None)).width
        == cell.after(Flow(3)).width
        == cell.build(Flow(3))(torch.zeros(1, 2, 3))[0].shape[2]
        == 7
    )
