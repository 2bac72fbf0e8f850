"""Dropout zeroes the share that it says, and keeps the mean."""

import pytest
import torch
from pydantic import ValidationError

from rnnlib.layer import Flow
from rnnlib.layers import Dropout


def test_in_training_a_share_is_zeroed_and_the_rest_scaled() -> None:
    torch.manual_seed(0)
    y = Dropout(rate=0.2).build(Flow(50))(torch.ones(20, 30, 50))[0]
    assert (y == 0).float().mean().item() == pytest.approx(0.2, abs=0.01)
    assert y[y != 0].unique().tolist() == pytest.approx([1.25])


def test_outside_training_nothing_changes() -> None:
    x = torch.randn(2, 3, 4)
    assert torch.equal(Dropout(rate=0.2).build(Flow(4)).eval()(x)[0], x)


def test_locked_all_steps_of_a_sequence_share_a_mask_and_no_two_sequences_do() -> None:
    torch.manual_seed(0)
    y = Dropout(rate=0.2, locked=True).build(Flow(500))(torch.ones(20, 30, 500))[0]
    assert torch.equal(y, y[:, :1].expand_as(y))
    assert (y == 0).float().mean().item() == pytest.approx(0.2, abs=0.01)
    assert y[y != 0].unique().tolist() == pytest.approx([1.25])
    assert len(y[:, 0].unique(dim=0)) == 20


def test_locked_it_is_what_torch_calls_dropout_of_channels() -> None:
    """Torch's own `dropout1d` zeroes whole channels: the same thing with time last."""
    x = torch.randn(4, 6, 10)
    torch.manual_seed(3)
    ours = Dropout(rate=0.4, locked=True).build(Flow(10))(x)[0]
    torch.manual_seed(3)
    torch.testing.assert_close(ours, torch.nn.functional.dropout1d(x.mT, 0.4).mT, rtol=0, atol=1e-6)


def test_outside_training_a_locked_one_changes_nothing_either() -> None:
    x = torch.randn(2, 3, 4)
    assert torch.equal(Dropout(rate=0.2, locked=True).build(Flow(4)).eval()(x)[0], x)


@pytest.mark.parametrize("rate", [0, 1, -0.1, 1.5])
def test_a_rate_that_drops_nothing_or_everything_is_refused(rate: float) -> None:
    with pytest.raises(ValidationError):
        Dropout(rate=rate)
