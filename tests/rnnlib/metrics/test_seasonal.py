from __future__ import annotations

import numpy as np
import pytest

from rnnlib.metrics.seasonal import season_of, seasonal_scale


@pytest.mark.parametrize(
    ("every", "rows"),
    [
        ("1h", 24), ("1d", 7), ("1w", 52), ("1mo", 12), ("15m", 96), ("30m", 48), ("2h", 12), ("1m", 1440),
        ("1s", 3600), ("1q", 4), ("3mo", 4), ("6mo", 2), ("7d", 52), ("2w", 26), ("24h", 7), ("60s", 1440),
        ("1y", None), ("12mo", None), ("5mo", None), ("2d", None), ("5h", None), ("1i", None), (None, None),
        ("3w", None), ("52w", None), ("0d", None), ("1d12h", None),
    ],
)  # fmt: skip
def test_the_season_follows_from_the_step(every, rows) -> None:
    assert season_of(every) == rows


def test_the_scale_is_the_mean_change_over_a_season_of_the_known_rows() -> None:
    values = np.random.default_rng(1).normal(size=(20, 2))
    known = np.ones((20, 2), bool)
    known[4, 0] = known[10:12] = known[18:] = False
    values[4, 0] = np.nan
    offsets = np.array([0, 11, 20])
    expected = np.zeros((2, 2))
    for sequence, (first, end) in enumerate(((0, 11), (11, 20))):
        for j in range(2):
            changes = [
                abs(values[t, j] - values[t - 3, j]) for t in range(first + 3, end) if known[t, j] and known[t - 3, j]
            ]
            expected[sequence, j] = np.mean(changes)
    np.testing.assert_allclose(seasonal_scale(values, known, offsets, 3), expected, rtol=1e-12)


def test_a_short_sequence_has_no_scale_and_a_constant_one_has_zero() -> None:
    values = np.concatenate([np.arange(4.0), np.full(6, 0.1) + 1e-18, 0.1 + np.array([0, 1e-17] * 3)])[:, None]
    scale = seasonal_scale(values, np.ones((16, 1), bool), np.array([0, 4, 4, 10, 16]), 5)
    assert np.isnan(scale[:2]).all()
    assert (scale[2:] == 0).all()
