"""Scores of quantiles against scikit-learn and by hand, and how they come through the scoring of a part."""

import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

from rnnlib.data.dataset import PartOf
from rnnlib.forecasts import Forecasts, quantile_name
from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.coverage import Coverage
from rnnlib.metrics.scoring import score_part
from rnnlib.metrics.wql import WQL
from tests.rnnlib.metrics.samples import Guesses, a_bit_high, series

LEVELS, SHAPE = (0.1, 0.5, 0.8), (7, 4, 2)


def cases(**fields) -> Numbers:
    draw = np.random.default_rng(3)
    truth = draw.normal(5, 2, SHAPE)
    quantiles = truth[..., None] + np.sort(draw.normal(0, 2, (*SHAPE, 3)))
    given = {"observed": draw.random(SHAPE) < 0.7, "quantiles": quantiles, "levels": LEVELS, **fields}
    return Numbers(
        truth, quantiles[..., 1], sequence=np.arange(7) % 3, keys=("a", "b", "c"), targets=("x", "y"), **given
    )


def test_wql_is_twice_scikit_learns_pinball_loss_over_the_mean_size_of_the_truths() -> None:
    some = cases()
    truth = some.truth[some.observed]
    each = [
        2 * mean_pinball_loss(truth, some.quantiles[..., n][some.observed], alpha=level) / np.abs(truth).mean()
        for n, level in enumerate(LEVELS)
    ]
    assert WQL()(some) == pytest.approx(np.mean(each), rel=1e-12)


def test_coverage_is_the_share_between_the_outermost() -> None:
    some = cases()
    inside = (some.quantiles[..., 0] <= some.truth) & (some.truth <= some.quantiles[..., 2])
    assert Coverage()(some) == pytest.approx(100 * inside[some.observed].mean())


def test_a_point_is_certain_and_its_wql_at_the_median_is_its_share_of_error() -> None:
    point = cases(quantiles=None, levels=(0.5,))
    assert WQL()(point) == pytest.approx(np.abs(point.errors).sum() / np.abs(point.truths).sum())
    assert Coverage()(point) == 0


def test_what_was_not_observed_does_not_count() -> None:
    some = cases()
    hidden = np.where(some.observed[..., None], some.quantiles, np.nan)
    for metric in (WQL(), Coverage()):
        assert metric(cases(quantiles=hidden)) == metric(some)
        assert np.isnan(metric(cases(observed=np.zeros(SHAPE, bool))))


def test_quantiles_go_with_their_cases() -> None:
    some = cases()
    np.testing.assert_array_equal(some.at_step(2).quantiles, some.quantiles[:, 2:3])
    np.testing.assert_array_equal(some.of_target(1).quantiles, some.quantiles[:, :, 1:2])
    np.testing.assert_array_equal(some.of_cases(np.array([4, 1])).quantiles, some.quantiles[[4, 1]])


@pytest.mark.parametrize(
    ("level", "name"), [(0.1, "q10"), (0.29, "q29"), (0.5, "q50"), (0.025, "q2.5"), (0.999, "q99.9")]
)
def test_names(level: float, name: str) -> None:
    assert quantile_name(level) == name


@pytest.mark.parametrize("units", ["data", "normalized"])
def test_a_part_is_scored_with_the_models_quantiles_and_baselines_as_certain(units) -> None:
    data = series(normalized=True)
    away = np.array([-1.0, 0, 3])

    def spread(data, starts) -> Forecasts:
        point = a_bit_high(data, starts)
        return Forecasts(point, point[..., None] + away, LEVELS)

    found = score_part(Guesses("forecaster", spread), data, PartOf.test, ("wql", "coverage"), season=4, units=units)
    lines = found.predictions
    assert (lines["q10"] - lines["forecast"]).to_numpy() == pytest.approx(-1)
    assert (lines["q80"] - lines["forecast"]).to_numpy() == pytest.approx(3)
    inside = (lines["q10"] <= lines["truth"]) & (lines["truth"] <= lines["q80"])
    assert found.model["coverage"] == pytest.approx(100 * inside.mean())
    assert found.baselines["naive"]["coverage"] < 10
    if units == "data":
        truth = lines["truth"].to_numpy()
        each = [mean_pinball_loss(truth, lines["naive"], alpha=level) for level in LEVELS]
        assert found.baselines["naive"]["wql"] == pytest.approx(2 * np.mean(each) / np.abs(truth).mean())
