"""The fast functions over a whole sequence: in pieces, in bfloat16, and what they refuse."""

import pytest
import torch
from torch import Tensor

from rnnlib.cells import GRU, LSTM, RNN, Cell, CellLayer, product

CELLS = {
    "rnn tanh": RNN(units=16),
    "rnn relu": RNN(units=16, activation="relu"),
    "rnn sigmoid": RNN(units=16, activation="sigmoid"),
    "gru": GRU(units=16),
    "gru reset before": GRU(units=16, reset="before"),
    "lstm": LSTM(units=16),
}
OWN = [name for name in CELLS if name != "lstm"]


def layer_of(cell: Cell, dtype: torch.dtype = torch.float64) -> CellLayer:
    torch.manual_seed(0)
    layer = cell.layer(3).to(dtype)
    torch.nn.init.normal_(layer.bias, std=0.3)
    return layer


def gradients(layer: CellLayer, x: Tensor, weights: Tensor) -> list[Tensor]:
    """Outputs and gradients of x, of the start and of every weight."""
    layer.zero_grad()
    x = x.clone().requires_grad_()
    start = tuple(torch.full_like(member, 0.1).requires_grad_() for member in layer.start(x.shape[1]))
    outputs, state = layer.sequence(x, start)
    ((outputs * weights).sum() + sum(member.square().sum() for member in state)).backward()
    return [outputs.detach(), x.grad, *(s.grad for s in start), *(p.grad.clone() for p in layer.parameters())]


@pytest.mark.parametrize("steps", [1, 2, 3, 11, 12])
@pytest.mark.parametrize("name", OWN)
def test_pieces_change_nothing(name: str, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, x, weights = layer_of(CELLS[name]), torch.randn(11, 4, 3).double(), torch.randn(11, 4, 16).double()
    whole = gradients(layer, x, weights)
    rows = len(layer.kernel)
    monkeypatch.setattr(product, "AT_ONCE", steps * 4 * rows * 8)
    for ours, theirs in zip(gradients(layer, x, weights), whole, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_under_autocast_products_are_bfloat16_and_states_close_to_float32(name: str) -> None:
    """bfloat16 has 8 bits, 2⁻⁸ = .4 % a product: after 10 steps and back 3 % of the whole is its rounding."""
    layer, x = layer_of(CELLS[name], torch.float32), torch.randn(10, 8, 3)
    weights = torch.randn(10, 8, 16)
    exact = gradients(layer, x, weights)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = gradients(layer, x, weights)
    for ours, theirs in zip(rounded, exact, strict=True):
        error = (ours.float() - theirs).norm() / theirs.norm()
        assert error < 0.03
    assert any(not torch.equal(ours.float(), theirs) for ours, theirs in zip(rounded, exact, strict=True))
    if name != "lstm":  # torch's own LSTM gives bfloat16 there
        assert {value.dtype for value in rounded} == {torch.float32}


@pytest.mark.parametrize("name", OWN)
def test_a_second_derivative_is_refused(name: str) -> None:
    layer, x = layer_of(CELLS[name]), torch.randn(5, 2, 3).double().requires_grad_()
    (first,) = torch.autograd.grad(layer.sequence(x, layer.start(2))[0].square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


@pytest.mark.parametrize("name", CELLS)
def test_weights_that_do_not_learn_get_no_gradient(name: str) -> None:
    layer, x = layer_of(CELLS[name]), torch.randn(5, 2, 3).double()
    layer.kernel.requires_grad_(False)
    layer.sequence(x, layer.start(2))[0].sum().backward()
    assert layer.kernel.grad is None
    assert layer.recurrent_kernel.grad.any()


@pytest.mark.parametrize("name", CELLS)
def test_a_batch_of_one_and_a_single_step(name: str) -> None:
    layer = layer_of(CELLS[name])
    x = torch.randn(1, 1, 3).double()
    outputs, state = layer.sequence(x, layer.start(1))
    expected, after = layer.step(x[0], layer.start(1))
    torch.testing.assert_close(outputs[0], expected, rtol=0, atol=1e-12)
    for ours, theirs in zip(state, after, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
