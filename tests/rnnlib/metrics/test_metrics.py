"""Every metric against scikit-learn, or against its equation written by hand."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import sklearn.metrics as oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnnlib.errors import Refused
from rnnlib.metrics.accuracy import Accuracy
from rnnlib.metrics.cases import Labels, Numbers
from rnnlib.metrics.macro_f1 import MacroF1
from rnnlib.metrics.mae import MAE
from rnnlib.metrics.mape import MAPE
from rnnlib.metrics.mase import MASE
from rnnlib.metrics.metric import Metric, ModelKind, NumberMetric
from rnnlib.metrics.rmse import RMSE
from rnnlib.metrics.smape import SMAPE
from rnnlib.metrics.table import METRICS, USUAL, MetricName, fitting, usual

SHAPE = (7, 4, 2)


def cases(truth=None, forecast=None, observed=None, scale=None) -> Numbers:
    draw = np.random.default_rng(3)
    truth = draw.normal(5, 2, SHAPE) if truth is None else np.asarray(truth, float)
    return Numbers(
        truth=truth,
        forecast=truth + draw.normal(0, 1, truth.shape) if forecast is None else np.asarray(forecast, float),
        observed=np.ones(truth.shape, bool) if observed is None else observed,
        sequence=np.arange(len(truth)) % 3,
        keys=("a", "b", "c"),
        targets=("load", "heat")[: truth.shape[2]],
        scale=scale,
    )


def row(values) -> np.ndarray:
    return np.asarray(values, float).reshape(1, -1, 1)


ORACLES = {
    "mae": oracle.mean_absolute_error,
    "mse": oracle.mean_squared_error,
    "rmse": oracle.root_mean_squared_error,
    "mape": lambda truth, forecast: 100 * oracle.mean_absolute_percentage_error(truth, forecast),
    "smape": lambda truth, forecast: 100 * np.mean(2 * abs(forecast - truth) / (abs(truth) + abs(forecast))),
}


@pytest.mark.parametrize("name", ORACLES)
def test_a_number_metric_equals_its_oracle_over_the_observed_values(name) -> None:
    observed = np.random.default_rng(0).random(SHAPE) < 0.7
    some = cases(observed=observed)
    # what was not observed must not count, whatever stands there
    hidden = cases(
        truth=np.where(observed, some.truth, np.nan), forecast=np.where(observed, some.forecast, 1e9), observed=observed
    )
    expected = ORACLES[name](some.truth[observed], some.forecast[observed])
    assert METRICS[name](some) == pytest.approx(expected, rel=1e-12)
    assert METRICS[name](hidden) == METRICS[name](some)


@pytest.mark.parametrize("metric", [m for m in METRICS.values() if isinstance(m, NumberMetric)], ids=lambda m: m.name)
def test_nothing_observed_has_no_score(metric) -> None:
    nothing = cases(observed=np.zeros(SHAPE, bool), scale=np.ones((3, 2)))
    assert np.isnan(metric(nothing))


VALUES = arrays(float, 12, elements=st.floats(-1e6, 1e6).map(lambda value: round(value, 3)))


@given(VALUES, VALUES)
@settings(max_examples=50, deadline=None)
def test_smape_lies_between_0_and_200_and_rmse_is_never_below_mae(truth, forecast) -> None:
    some = cases(row(truth), row(forecast))
    assert 0 <= SMAPE()(some) <= 200 * (1 + 1e-12)
    assert RMSE()(some) >= MAE()(some) * (1 - 1e-12)


def test_smape_counts_a_zero_that_was_forecast_as_zero_as_right() -> None:
    assert SMAPE()(cases(row([0, 2]), row([0, 6]))) == 100 * (0 + 2 * 4 / 8) / 2
    assert SMAPE()(cases(row([0]), row([5]))) == 200


def test_mape_refuses_zeros_and_says_how_many() -> None:
    with pytest.raises(Refused, match=r"2 of 3 truths are 0; take `smape`, `mase` or `mae`"):
        MAPE()(cases(row([0, 0, 1]), row([1, 1, 1])))
    observed = row([0, 0, 1]).astype(bool)
    assert MAPE()(cases(row([0, 0, 1]), row([1, 1, 1.5]), observed)) == 50


def test_mase_divides_every_error_by_the_scale_of_its_series_and_target() -> None:
    scale = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    some = cases(scale=scale)
    errors = [
        abs(some.forecast[i, h, j] - some.truth[i, h, j]) / scale[i % 3, j]
        for i in range(SHAPE[0])
        for h in range(SHAPE[1])
        for j in range(SHAPE[2])
    ]
    assert MASE()(some) == pytest.approx(np.mean(errors), rel=1e-12)


def test_mase_refuses_a_constant_series_and_a_short_one_and_names_them() -> None:
    scale = np.array([[1.0, 1.0], [1.0, 0.0], [np.nan, 1.0]])
    with pytest.raises(Refused, match=r"`load` of series `c` has no two observed train rows .* shorter `season`"):
        MASE()(cases(scale=scale))
    with pytest.raises(Refused, match=r"`heat` of series `b` \(and 1 more\) is the same from season to season"):
        MASE()(cases(scale=np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])))
    observed = np.ones(SHAPE, bool)
    observed[2::3] = observed[1::3] = False  # a series that is not scored needs no scale
    assert np.isfinite(MASE()(cases(scale=scale, observed=observed)))


NAMES = ("bird", "cat", "dog", "eel")


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_label_metrics_equal_scikit_learn(pairs) -> None:
    truth, predicted = zip(*pairs, strict=True)
    some = Labels(truth, predicted, NAMES)
    names, table = some.counts()
    assert Accuracy()(some) == pytest.approx(oracle.accuracy_score(truth, predicted))
    assert MacroF1()(some) == pytest.approx(oracle.f1_score(truth, predicted, average="macro", zero_division=0))
    if len(set(truth) | set(predicted)) > 1:
        np.testing.assert_array_equal(table, oracle.confusion_matrix(truth, predicted, labels=names))


def test_a_class_that_the_model_has_never_seen_is_counted_as_wrong() -> None:
    some = Labels(("cat", "yak", "cat"), ("cat", "cat", "cat"), ("cat", "dog"))
    names, table = some.counts()
    assert names == ("cat", "dog", "yak")
    np.testing.assert_array_equal(table, [[2, 0, 0], [0, 0, 0], [1, 0, 0]])
    assert Accuracy()(some) == pytest.approx(2 / 3)
    assert MacroF1()(some) == pytest.approx((0.8 + 0) / 2)


def test_label_metrics_of_no_case_are_no_number() -> None:
    nothing = Labels((), (), NAMES)
    assert np.isnan(Accuracy()(nothing))
    assert np.isnan(MacroF1()(nothing))


def test_the_names_that_a_spec_may_write_are_the_table() -> None:
    assert set(get_args(MetricName)) == set(METRICS)
    assert all(metric.name == name for name, metric in METRICS.items())
    assert {type(metric) for metric in METRICS.values()} == set(_final(Metric))


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_every_metric_states_its_equation_and_its_source(metric) -> None:
    text = type(metric).__doc__
    assert " = " in text
    assert "Source: " in text
    assert metric.fits <= set(get_args(ModelKind))


@pytest.mark.parametrize("kind", get_args(ModelKind))
def test_the_usual_metrics_of_a_kind_fit_it(kind) -> None:
    assert set(USUAL[kind]) <= set(fitting(kind))
    assert usual(kind, 24) == USUAL[kind]
    assert "mase" not in usual(kind, None)


def test_slices_of_cases_keep_their_scale() -> None:
    some = cases(scale=np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]))
    first = some.at_step(1).of_target(1).of_cases(np.flatnonzero(some.sequence == 2))
    expected = abs(some.forecast[2::3, 1, 1] - some.truth[2::3, 1, 1]).mean() / 40
    assert MASE()(first) == pytest.approx(expected)
    assert first.targets == ("heat",)


def _final(metric: type) -> list[type]:
    below = metric.__subclasses__()
    return [metric] if not below else [final for one in below for final in _final(one)]
