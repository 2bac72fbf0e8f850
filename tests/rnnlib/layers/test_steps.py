"""Layers of a few lines each against NumPy: pooling, embeddings, places, the gate."""

import numpy as np
import pytest
import torch
from scipy.special import expit
from torch import nn

from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers import Embedding, LearnedPositions, Pooling, Sinusoidal, ThresholdGate


def test_pooling_is_numpys_over_each_sequence_alone() -> None:
    x, lengths = torch.randn(4, 6, 3, dtype=torch.float64), torch.tensor([6, 1, 3, 5])
    found, after = Pooling(by=("max", "last", "mean")).build(Flow(3))(x, lengths)
    assert after is None
    for number, length in enumerate(lengths.tolist()):
        one = x[number, :length].numpy()
        expected = np.concatenate([one.max(0), one[-1], one.mean(0)])
        np.testing.assert_allclose(found[number, 0], expected, rtol=0, atol=1e-12)


def test_each_way_of_pooling_stands_once() -> None:
    with pytest.raises(ValueError, match="each way stands once: received mean, mean"):
        Pooling(by=("mean", "mean"))


def test_embedding_picks_rows_and_lets_the_rest_pass() -> None:
    section = Embedding(tokens=5, width=4, column=1)
    module = section.build(Flow(3))
    x = torch.randn(2, 6, 3)
    x[..., 1] = torch.randint(0, 5, (2, 6))
    y, _ = module(x, None)
    tokens, table = x[..., 1].long().numpy(), module.vectors.detach().numpy()
    expected = np.concatenate([table[tokens], x[..., :1].numpy(), x[..., 2:].numpy()], axis=2)
    np.testing.assert_array_equal(y.detach()[..., :4], expected[..., :4])
    np.testing.assert_array_equal(y.detach()[..., 4:], expected[..., 4:])
    theirs = nn.Embedding(5, 4, _weight=module.vectors.detach().clone())
    y[..., :4].square().sum().backward()
    theirs(x[..., 1].long()).square().sum().backward()
    torch.testing.assert_close(module.vectors.grad, theirs.weight.grad)
    assert section.after(Flow(3)).width == 6


@pytest.mark.parametrize("token", [-1, 5, 0.25, float("nan")])
def test_a_token_that_is_not_there_is_refused(token: float) -> None:
    module = Embedding(tokens=5, width=4).build(Flow(1))
    with pytest.raises(ModelError, match=f"whole numbers from 0 to 4: received {token} in column 0"):
        module(torch.full((1, 2, 1), float(token)), None)


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelError, match="one of the 3 columns, counted from 0: received 3; use 2 or less") as caught:
        Embedding(tokens=5, width=4, column=3).after(Flow(3))
    assert caught.value.at == ("column",)


@pytest.mark.parametrize(("width", "period"), [(6, 10_000.0), (5, 50.0), (1, 10.0)])
def test_places_are_sines_and_cosines(width: int, period: float) -> None:
    module = Sinusoidal(period=period).build(Flow(width))
    found = module(torch.zeros(1, 300, width, dtype=torch.float64), None)[0][0].numpy()
    for t in (0, 1, 7, 299):
        for i in range(width):
            angle = t / period ** ((i - i % 2) / width)
            assert found[t, i] == pytest.approx((np.cos if i % 2 else np.sin)(angle), abs=1e-12)


def test_places_beside_are_places_added() -> None:
    x = torch.randn(2, 9, 4, dtype=torch.float64)
    beside = Sinusoidal(join="concat", width=4).build(Flow(4))(x, None)[0]
    assert torch.equal(beside[..., :4], x)
    assert torch.equal(beside[..., 4:] + x, Sinusoidal().build(Flow(4))(x, None)[0])


def test_learned_places_are_rows_of_a_table_and_no_more_than_there_are() -> None:
    section = LearnedPositions(length=5)
    module, x = section.build(Flow(3)), torch.randn(2, 4, 3)
    assert torch.equal(module(x, None)[0], x + module.position.vectors[:4])
    with pytest.raises(ModelError, match="5 learned places: received sequences of 6 steps") as caught:
        section.after(Flow(3, 6))
    assert caught.value.at == ("length",)
    with pytest.raises(ModelError, match="received a sequence of 6 steps"):
        module(torch.randn(2, 6, 3), None)


@pytest.mark.parametrize("fields", [{"join": "concat"}, {"width": 4}])
def test_a_width_is_given_where_places_stand_beside(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="concat needs the width of p_t"):
        Sinusoidal(**fields)


def test_the_gate_is_its_equation_and_learns_its_threshold() -> None:
    module = ThresholdGate(threshold=0.7, sharpness=3.0).build(Flow(4)).double()
    x = torch.randn(2, 5, 4, dtype=torch.float64)
    y, _ = module(x, None)
    np.testing.assert_allclose(y.detach(), x.numpy() * expit(3 * (np.abs(x.numpy()) - 0.7)), rtol=0, atol=1e-7)
    y.square().sum().backward()
    assert (module.threshold.grad < 0).all(), "a higher threshold lets less through"
    assert module.sharpness.grad.abs().min() > 0


def test_a_sharp_gate_is_hard_thresholding() -> None:
    x = torch.linspace(-2, 2, 40).view(1, 40, 1)
    y, _ = ThresholdGate(threshold=0.9, sharpness=1e6).build(Flow(1))(x, None)
    torch.testing.assert_close(y, torch.where(x.abs() > 0.9, x, 0.0))
