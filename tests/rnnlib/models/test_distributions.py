"""Heads of distributions: parameters within bounds, quantiles against SciPy, and no quantile passes another."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats
from torch import nn

from rnnlib.layer import Flow
from rnnlib.models import Forecaster
from rnnlib.models.heads import (
    AnyForecastHead,
    DistributionHead,
    Gaussian,
    LocationHead,
    NegativeBinomial,
    Quantile,
    StudentT,
)
from tests.rnnlib.families import members
from tests.rnnlib.models.examples import FORECAST, LAYERS, batch_of

HEADS = {kind: head for kind, head in members(AnyForecastHead).items() if issubclass(head, DistributionHead)}
LEVELS = (0.05, 0.5, 0.9)


def head_of(kind: str, **fields: Any) -> DistributionHead:
    head = HEADS[kind](**fields)
    assert isinstance(head, DistributionHead)
    return head


def test_all_of_them_are_here() -> None:
    assert set(HEADS) == {"quantile", "gaussian", "student_t", "negative_binomial"}


@pytest.mark.parametrize("kind", HEADS)
def test_it_is_an_affine_map_read_within_bounds(kind: str) -> None:
    head = head_of(kind)
    module = Forecaster(layers=LAYERS, head=head).build(FORECAST).eval()
    batch = batch_of(FORECAST)
    states, lengths = module.layers(batch.inputs, batch.lengths)
    affine = module.head.affine
    for number, length in enumerate(lengths.tolist()):
        known = torch.cat([states[number, length - 1], batch.static[number], batch.future[number].flatten()])
        expected = head.read(affine(known).reshape(4, 2, head.parameters))
        torch.testing.assert_close(module(batch)[number], expected)
    assert head.width(FORECAST) == 4 * 2 * head.parameters
    assert head.build(Flow(4), FORECAST).affine.out_features == head.width(FORECAST)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=3, max_size=3), st.sampled_from(sorted(HEADS)))
def test_whatever_comes_the_parameters_are_those_of_a_distribution(raw: list[float], kind: str) -> None:
    head = head_of(kind)
    read = head.read(torch.tensor(raw)[: head.parameters])
    scale = {"quantile": read.diff(), "gaussian": read[1:], "student_t": read[2:], "negative_binomial": read}[kind]
    assert torch.isfinite(read).all()
    if kind == "student_t":
        assert read[0] >= 2
    assert (scale >= 0).all() if kind == "quantile" else (scale > 0).all()


def test_quantiles_by_hand() -> None:
    head, raw = Quantile(levels=(0.1, 0.3, 0.5, 0.9)), np.array([0.5, -1.0, 2.0, 0.1])
    gap = np.log1p(np.exp(raw))
    expected = [2 - gap[1] - gap[0], 2 - gap[1], 2, 2 + gap[3]]
    np.testing.assert_allclose(head.read(torch.tensor(raw)), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("head", "parameters", "oracle", "point"),
    [
        (Gaussian(levels=LEVELS), (2.0, 3.0), stats.norm(2, 3), 2.0),
        (StudentT(levels=LEVELS), (3.5, 2.0, 0.5), stats.t(3.5, 2, 0.5), 2.0),
        (NegativeBinomial(levels=LEVELS), (7.0, 0.4), stats.nbinom(2.5, 1 / 3.8), 7.0),
        (NegativeBinomial(levels=LEVELS), (0.02, 0.1), stats.nbinom(10, 1 / 1.002), 0.02),
    ],
)
def test_quantiles_are_scipys(head: DistributionHead, parameters: Any, oracle: Any, point: float) -> None:
    output = np.tile(np.array(parameters), (2, 3, 1, 1))
    np.testing.assert_allclose(head.quantiles(output), np.tile(oracle.ppf(LEVELS), (2, 3, 1, 1)), rtol=1e-9)
    np.testing.assert_array_equal(head.point(output), np.full((2, 3, 1), point))


def test_the_mean_and_the_variance_of_the_counts_are_those_of_the_equation() -> None:
    mean, alpha = 7.0, 0.4
    found = stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))
    assert (found.mean(), found.var()) == (pytest.approx(mean), pytest.approx(mean + alpha * mean**2))


@pytest.mark.parametrize("kind", HEADS)
def test_levels_change_the_quantiles_that_predictions_carry(kind: str) -> None:
    output = torch.rand(2, 3, 1, 3, dtype=torch.float64)[..., : head_of(kind).parameters]
    one, other = (head_of(kind, levels=levels) for levels in ((0.1, 0.5, 0.9), (0.5,)))
    raw = output[..., : other.parameters]
    assert one.quantiles(one.read(output).numpy()).shape == (2, 3, 1, 3)
    assert other.quantiles(other.read(raw).numpy()).shape == (2, 3, 1, 1)


@pytest.mark.parametrize("kind", HEADS)
def test_a_forecast_relative_to_the_last_value_is_moved_along(kind: str) -> None:
    head = head_of(kind)
    if not isinstance(head, LocationHead):
        with pytest.raises(ValidationError, match="whose distributions start at 0"):
            Forecaster(layers=LAYERS, head=head, relative_to="last")
        return
    module, batch = Forecaster(layers=LAYERS, head=head, relative_to="last").build(FORECAST), batch_of(FORECAST)
    nn.init.zeros_(module.head.affine.weight)
    made = module(batch).detach().double().numpy()
    last = torch.stack([batch.inputs[n, length - 1, [0, 3]] for n, length in enumerate(batch.lengths)])
    np.testing.assert_allclose(head.point(made), last[:, None].expand(5, 4, 2), atol=1e-6)
    width = head.quantiles(made)[..., 2] - head.quantiles(made)[..., 0]
    np.testing.assert_allclose(width, width[:1, :1, :1] * np.ones((5, 4, 2)), rtol=1e-4)


@pytest.mark.parametrize("levels", [(0.9, 0.5), (0.5, 0.5), (0.0, 0.5), (0.5, 1.0), ()])
@pytest.mark.parametrize("kind", HEADS)
def test_levels_that_are_none(kind: str, levels: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        head_of(kind, levels=levels)


def test_quantiles_without_a_median_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"is their median: received levels 0.1, 0.9; add 0.5"):
        Quantile(levels=(0.1, 0.9))


@pytest.mark.parametrize("kind", HEADS)
def test_it_learns_the_distribution_of_what_it_sees(kind: str) -> None:
    """Without inputs to tell cases apart, the quantiles of the forecast become those of the truths."""
    draw = np.random.default_rng(0)
    truths = draw.poisson(draw.gamma(3, 2, 4000)) if kind == "negative_binomial" else draw.normal(1, 2, 4000)
    section = Forecaster(layers=[{"kind": "dense", "units": 1}], head={"kind": kind})
    head = section.head
    raw = torch.zeros(head.parameters, dtype=torch.float64, requires_grad=True)
    truth = torch.tensor(truths, dtype=torch.float64)
    optimizer = torch.optim.Adam([raw], lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        total, count = section.loss.sums(head.read(raw).expand(4000, -1), truth)
        (total / count).backward()
        optimizer.step()
    found = head.quantiles(head.read(raw).detach().numpy())
    np.testing.assert_allclose(found, np.quantile(truths, (0.1, 0.5, 0.9)), atol=1 if head.counts else 0.25)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", HEADS)
def test_of_layers_in_16_bits_parameters_and_likelihood_are_float32(kind: str, dtype: torch.dtype) -> None:
    """A nearly Poisson count has log Γ(1/α) in its likelihood: of 16 bits nothing but rounding would be left."""
    section = Forecaster(layers=[{"kind": "dense", "units": 4}], head={"kind": kind})
    module = section.build(FORECAST)
    torch.nn.init.constant_(module.head.affine.bias, -6.0)
    batch = replace(batch_of(FORECAST), target=torch.full((5, 4, 2), 2.0))
    with torch.autocast("cpu", dtype=dtype):
        output = module(batch)
        found, _ = section.loss_of(output, batch)
    assert output.dtype == found.dtype == torch.float32
    exact, _ = section.loss_of(output.double(), batch)
    torch.testing.assert_close(found.double(), exact, rtol=1e-3, atol=0)
