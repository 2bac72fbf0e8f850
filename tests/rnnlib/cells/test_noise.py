"""What is drawn along time: which values are dropped, and when they are drawn anew."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from rnnlib.cells import GRU, LSTM, RNN, CellLayer
from rnnlib.cells.recurrent import RecurrentCell

CELLS = (RNN, GRU, LSTM)
UNITS = 64


def layer_of(cell: RecurrentCell) -> CellLayer:
    torch.manual_seed(0)
    return cell.layer(3).double()


def run(layer: CellLayer, time: int = 5) -> Tensor:
    torch.manual_seed(4)
    return layer.sequence(torch.randn(time, 2, 3, dtype=torch.float64), layer.start(2))[0]


def test_recurrent_dropout_hides_the_same_values_from_the_recurrent_kernel_at_every_step() -> None:
    """h' = tanh(W x + U (h ⊙ m) + b) with one m: found from two steps, it explains all the others."""
    layer, x = layer_of(RNN(units=UNITS, recurrent_dropout=0.25)), torch.randn(6, 2, 3, dtype=torch.float64)
    with torch.no_grad():
        torch.manual_seed(1)
        h, _ = layer.sequence(x, layer.start(2))
        given = torch.atanh(h[1:]) - F.linear(x[1:], layer.kernel, layer.bias)
        seen = torch.linalg.solve(layer.recurrent_kernel, given[..., None])[..., 0] / h[:-1]
    kept = seen[0].abs() > 0.5
    assert 0.6 < kept.double().mean() < 0.9
    expected = (kept.double() / 0.75).expand_as(seen)
    torch.testing.assert_close(seen, expected, rtol=0, atol=1e-6)
    assert not torch.equal(kept[0], kept[1]), "every sequence has a mask of its own"


def test_zoneout_keeps_a_share_of_the_values_and_draws_anew_at_every_step() -> None:
    """A value that is kept is the old one to the last bit; any other is never."""
    h = run(layer_of(RNN(units=UNITS, zoneout=0.25)), time=40)
    kept = h[1:] == h[:-1]
    assert kept.double().mean().item() == pytest.approx(0.25, abs=0.03)
    assert not torch.equal(kept[0], kept[1])


def test_the_memory_is_zoned_out_by_its_own_share() -> None:
    layer = layer_of(LSTM(units=UNITS, memory_zoneout=0.25))
    state, kept = layer.start(2), []
    for at in torch.randn(40, 2, 3, dtype=torch.float64):
        _, after = layer.step(at, state)
        kept.append((after[1] == state[1]).double().mean())
        assert (after[0] != state[0]).all()
        state = after
    assert torch.stack(kept).mean().item() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("cell", CELLS)
def test_weight_drop_is_the_cell_with_fewer_weights_for_a_whole_pass(cell: type[RecurrentCell]) -> None:
    layer = layer_of(cell(units=UNITS, weight_drop=0.3))
    x = torch.randn(7, 2, 3, dtype=torch.float64)
    torch.manual_seed(8)
    dropped, _ = layer.sequence(x, layer.start(2))
    torch.manual_seed(8)
    kernel = F.dropout(layer.recurrent_kernel, 0.3)
    assert (kernel == 0).double().mean().item() == pytest.approx(0.3, abs=0.02)
    plain = layer_of(cell(units=UNITS))
    plain.load_state_dict({**layer.state_dict(), "recurrent_kernel": kernel.detach()})
    torch.testing.assert_close(dropped, plain.sequence(x, plain.start(2))[0], rtol=0, atol=1e-12)
    dropped.sum().backward()
    assert not layer.recurrent_kernel.grad[kernel == 0].any(), "a weight that is dropped learns nothing"


@pytest.mark.parametrize("noise", ["recurrent_dropout", "zoneout", "weight_drop"])
@pytest.mark.parametrize("cell", CELLS)
def test_every_pass_draws_anew_in_training_and_nothing_in_evaluation(cell: type[RecurrentCell], noise: str) -> None:
    layer, x = layer_of(cell(units=UNITS, **{noise: 0.4})), torch.randn(4, 2, 3, dtype=torch.float64)
    one, other = (layer.sequence(x, layer.start(2))[0] for _ in range(2))
    assert not torch.allclose(one, other)
    layer.eval()
    before = torch.get_rng_state()
    one, other = (layer.sequence(x, layer.start(2))[0] for _ in range(2))
    assert torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), before)
