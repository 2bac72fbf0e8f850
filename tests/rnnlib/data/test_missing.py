"""Filling: against polars, and never from what comes later."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from rnnlib.data.missing import Missing, fill_missing
from rnnlib.errors import DataError

NAN = float("nan")
FORWARD = Missing(fill="forward", otherwise="mask")
INTERPOLATE = Missing(fill="interpolate", otherwise="mask")

values = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=30)


def one(column: list[float | None], policy: Missing, stop: int | None = None) -> list[float]:
    raw = np.array([[NAN if value is None else value] for value in column])
    end = None if stop is None else np.array([stop])
    return fill_missing(raw, np.array([0, len(column)]), policy, end)[:, 0].tolist()


@settings(deadline=None)
@given(values)
def test_forward_is_polars_forward_fill(column: list[float | None]) -> None:
    expected = pl.Series(column, dtype=pl.Float64).forward_fill().fill_null(NAN)
    assert np.array_equal(one(column, FORWARD), expected.to_numpy(), equal_nan=True)


@settings(deadline=None)
@given(values)
def test_interpolation_is_polars_interpolation_then_forward(column: list[float | None]) -> None:
    expected = pl.Series(column, dtype=pl.Float64).interpolate().forward_fill().fill_null(NAN)
    assert np.allclose(one(column, INTERPOLATE), expected.to_numpy(), equal_nan=True, rtol=1e-9, atol=1e-6)


def test_a_constant_fills_the_beginning_too() -> None:
    policy = Missing(fill="constant", value=-1)
    assert one([None, 1, None], policy) == [-1, 1, -1]


def test_a_longer_run_stays_whole() -> None:
    column = [1.0, None, 3.0, None, None, 6.0]
    for fill, filled in {"forward": 1.0, "interpolate": 2.0}.items():
        found = one(column, Missing(fill=fill, at_most=1, otherwise="mask"))  # type: ignore[arg-type]
        assert np.array_equal(found, [1, filled, 3, NAN, NAN, 6], equal_nan=True)


def test_a_run_begins_with_its_sequence() -> None:
    raw = np.array([[NAN], [NAN], [1.0]])
    policy = Missing(fill="constant", value=0, at_most=1, otherwise="mask")
    assert fill_missing(raw, np.array([0, 1, 3]), policy)[:, 0].tolist() == [0, 0, 1]


def test_none_leaves_what_is_missing() -> None:
    assert np.isnan(one([1.0, None], Missing(fill="none", otherwise="mask"))[1])


def test_what_is_left_is_refused_with_its_place() -> None:
    raw = np.array([[1.0, 1.0], [NAN, NAN], [1.0, NAN], [4.0, 1.0]])
    with pytest.raises(
        DataError, match=r"1 missing values are left .* row 1 of sequence b: complete the rows, or train with"
    ) as refused:
        fill_missing(raw, np.array([0, 2, 4]), Missing(fill="forward"), columns=["w", "x"], keys=["a", "b"])
    assert refused.value.column == "x"
    assert refused.value.at == ("missing",)


def test_the_input_is_not_changed() -> None:
    raw = np.array([[1.0], [NAN]])
    raw.flags.writeable = False
    assert fill_missing(raw, np.array([0, 2]), FORWARD).tolist() == [[1], [1]]
    assert np.isnan(raw[1, 0])


@settings(deadline=None)
@given(st.data(), st.sampled_from([FORWARD, INTERPOLATE, Missing(fill="interpolate", at_most=2, otherwise="mask")]))
def test_nothing_after_the_stop_is_read_or_changed(data: st.DataObject, policy: Missing) -> None:
    lengths = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    cell = st.one_of(st.just(NAN), st.floats(-10, 10))
    raw = np.array(data.draw(st.lists(cell, min_size=int(offsets[-1]), max_size=int(offsets[-1]))))[:, None]
    stop = np.array([data.draw(st.integers(0, length)) for length in lengths]) + offsets[:-1]
    before = np.arange(offsets[-1]) < np.repeat(stop, lengths)
    perturbed = np.where(before[:, None], raw, data.draw(cell))
    filled = fill_missing(raw, offsets, policy, stop)
    assert np.array_equal(filled[before], fill_missing(perturbed, offsets, policy, stop)[before], equal_nan=True)
    assert np.array_equal(filled[~before], raw[~before], equal_nan=True)
    known = ~np.isnan(raw)
    assert np.array_equal(filled[known], raw[known])


@pytest.mark.parametrize(
    ("section", "at"),
    [
        ({"fill": "constant"}, "value"),
        ({"fill": "forward", "value": 1}, "value"),
        ({"fill": "none", "otherwise": "mask", "at_most": 3}, "at_most"),
        ({"fill": "none"}, "otherwise"),
    ],
)
def test_an_option_without_effect_is_refused(section: dict[str, Any], at: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Missing.model_validate(section)
    assert refused.value.errors()[0]["ctx"]["at"] == (at,)


@settings(deadline=None)
@given(st.lists(values, min_size=1, max_size=3), st.integers(1, 5), st.none() | st.integers(1, 4))
def test_a_season_ago_is_what_pandas_shifts(
    columns: list[list[float | None]], season: int, at_most: int | None
) -> None:
    """The nearest shift by whole seasons that has a value, series by series; no further than `at_most` rows."""
    raw = np.array([[NAN if value is None else value] for column in columns for value in column])
    offsets = np.cumsum([0, *(len(column) for column in columns)])
    found = fill_missing(raw, offsets, Missing(fill="seasonal", season=season, at_most=at_most, otherwise="mask"))
    for column, begin, end in zip(columns, offsets[:-1], offsets[1:], strict=True):
        given = pd.Series(column, dtype=float)
        expected = given.copy()
        for back in range(season, len(column), season):
            expected = expected.fillna(given.shift(back))
        if at_most is not None:
            run = given.isna().groupby(given.notna().cumsum()).cumsum()
            expected = expected.where(run <= at_most)
        assert np.array_equal(found[begin:end, 0], expected.to_numpy(), equal_nan=True)


def test_columns_that_are_not_asked_for_stay_as_they_are() -> None:
    raw = np.array([[1.0, 1.0], [NAN, NAN]])
    found = fill_missing(raw, np.array([0, 2]), Missing(fill="forward"), only=[1])
    assert np.isnan(found[1, 0])
    assert found[1, 1] == 1


def test_only_a_seasonal_fill_has_a_season() -> None:
    with pytest.raises(ValidationError, match="`fill: seasonal` needs `season`"):
        Missing(fill="seasonal")
    with pytest.raises(ValidationError, match="`fill: forward` has no `season`"):
        Missing(fill="forward", season=3)
