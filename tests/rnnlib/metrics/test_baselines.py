"""The baselines against forecasts written by hand, one window at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.arima.model import ARIMA

from rnnlib.metrics.baselines import Known, drift, majority, mean, naive, seasonal_naive


def by_hand(past: np.ndarray, horizon: int, season: int) -> tuple[list[float], list[float], list[float]]:
    """Naive, seasonal naive and drift from one column of past values, NaN where missing."""
    seen = [t for t, value in enumerate(past) if not np.isnan(value)]
    last = past[seen[-1]] if seen else np.nan
    slope = (past[seen[-1]] - past[seen[0]]) / (seen[-1] - seen[0]) if len(seen) > 1 else 0.0
    seasonal = []
    for step in range(horizon):
        row = len(past) + step
        while row >= len(past) or (row >= 0 and np.isnan(past[row])):
            row -= season
        seasonal.append(past[row] if row >= 0 else np.nan)
    line = [last + slope * (len(past) + step - seen[-1]) if seen else np.nan for step in range(horizon)]
    return [last] * horizon, seasonal, line


@given(
    lengths=st.lists(st.integers(0, 14), min_size=1, max_size=4).filter(lambda found: sum(found) > 0),
    horizon=st.integers(1, 6),
    season=st.integers(1, 5),
    share=st.floats(0, 0.9),
    seed=st.integers(0, 99),
)
@settings(max_examples=120, deadline=None)
def test_forecasts_rest_on_the_observed_past_of_the_own_sequence(lengths, horizon, season, share, seed) -> None:
    draw = np.random.default_rng(seed)
    rows, offsets = sum(lengths), np.concatenate([[0], np.cumsum(lengths)])
    values = draw.normal(size=(rows, 2))
    observed = draw.random((rows, 2)) >= share
    known = Known(np.where(observed, values, np.nan), observed, offsets)
    starts = np.arange(rows)
    made = naive(known, starts, horizon), seasonal_naive(known, starts, horizon, season), drift(known, starts, horizon)
    for start in starts:
        first = offsets[np.searchsorted(offsets, start, side="right") - 1]
        for target in range(2):
            expected = by_hand(known.values[first:start, target], horizon, season)
            for got, want in zip(made, expected, strict=True):
                np.testing.assert_allclose(got[start, :, target], want, rtol=1e-9, atol=1e-12)


def test_drift_is_the_random_walk_with_drift_of_statsmodels() -> None:
    past = np.cumsum(np.random.default_rng(2).normal(0.3, 1, 60))
    fitted = ARIMA(past, order=(0, 1, 0), trend="t").fit()
    made = drift(Known(np.append(past, 0)[:, None], np.ones((61, 1), bool), np.array([0, 61])), np.array([60]), 8)
    np.testing.assert_allclose(made[0, :, 0], fitted.forecast(8), rtol=1e-4)


def test_what_comes_after_the_start_changes_nothing() -> None:
    values = np.random.default_rng(5).normal(size=(40, 1))
    changed = values.copy()
    changed[25:] += 100
    offsets, starts = np.array([0, 40]), np.array([20, 25])
    for forecast in (naive, drift, lambda known, rows, horizon: seasonal_naive(known, rows, horizon, 7)):
        before, after = (
            forecast(Known(data, np.ones((40, 1), bool), offsets), starts, 9) for data in (values, changed)
        )
        np.testing.assert_array_equal(before, after)


def test_no_case_gives_no_forecast() -> None:
    known = Known(np.ones((3, 1)), np.ones((3, 1), bool), np.array([0, 3]))
    assert drift(known, np.zeros(0, np.int64), 4).shape == (0, 4, 1)


def test_the_majority_is_the_most_frequent_class_and_the_first_of_equals() -> None:
    assert majority(["b", "a", "b"], ("a", "b", "c")) == "b"
    assert majority(["b", "a"], ("a", "b")) == "a"


def test_the_mean_is_that_of_the_train_labels() -> None:
    assert mean(np.array([1.0, 2.0, 6.0])) == pytest.approx(3)
