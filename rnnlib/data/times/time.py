"""Times: read from a column as int64 (microseconds since 1970 in UTC, or a step index), and shown again.

What is ambiguous is refused, never guessed: several offsets without a zone, naive beside aware times, local times
that a change of the clocks skips or repeats.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.about import TimeAxis
from rnnlib.data.origin import SourceColumn
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.time_text import Read, from_text
from rnnlib.data.times.zones import located, microseconds, zoneless

_DAY = 86_400_000_000
_FIRST, _LAST = -719_162 * _DAY, 2_932_897 * _DAY
"""The years 1 to 9999, in microseconds since 1970: the last is behind them."""


def read_times(
    column: SourceColumn,
    zone: str | None,
    written: str | None,
    clock: Clock | None = None,
    sequence: Int64[ndarray, " rows"] | None = None,
) -> Read:
    """The times of a column: whole numbers, dates, date-times, or text (ISO 8601, or as `written` spells it).

    Naive times are local to `zone` where one is given, else they stay naive. `clock` says what becomes of those that
    the clocks repeat or skip, for which the order of the rows in each `sequence` (its number) may count.

    Raises `DataError` for the first row without a time, or with one that cannot be read without a guess.
    """
    clock = clock or Clock()
    column.refuse_where(column.values.is_null(), "every row needs a time")
    dtype = column.values.dtype
    if dtype == pl.String or written is not None:
        return _within_years(column, from_text(_text(column), zone, written, clock, sequence))
    if isinstance(dtype, pl.Datetime):
        return _within_years(column, _from_datetimes(column, zone, clock, sequence))
    if dtype == pl.Date:
        return _within_years(column, Read(microseconds(column.values), zoneless(column, "date", zone), "date"))
    if dtype.is_integer():
        beyond = column.values.cast(pl.Int64, strict=False).is_null()
        column.refuse_where(beyond, "a time that is a whole number has at most 64 bits")
        return Read(column.values.cast(pl.Int64).to_numpy(), zoneless(column, "integer", zone), "whole number")
    rule = "times are dates, date-times or whole numbers"
    raise column.error(
        f"{rule}: received {column.shown(0)} of type {dtype}; without `time`, rows follow as they stand", 0
    )


def shown_times(times: Int64[ndarray, "*shape"], axis: TimeAxis) -> pl.Series:
    """Times as a column: dates, date-times (in their zone) or whole numbers, as the source has them."""
    numbers = pl.Series("time", np.ascontiguousarray(times).reshape(-1))
    if axis.kind == "integer":
        return numbers
    moments = numbers.cast(pl.Datetime("us"))
    if axis.kind == "date":
        return moments.cast(pl.Date)
    return moments if axis.zone is None else moments.dt.replace_time_zone("UTC").dt.convert_time_zone(axis.zone)


def _within_years(column: SourceColumn, read: Read) -> Read:
    aside = 0 if read.axis.zone is None else _DAY  # what a clock shows there may be a day off
    column.refuse_where(
        (read.times < _FIRST + aside) | (read.times >= _LAST - aside), "times are of the years 1 to 9999"
    )
    return read


def _from_datetimes(
    column: SourceColumn, zone: str | None, clock: Clock, sequence: Int64[ndarray, " rows"] | None
) -> Read:
    dtype = column.values.dtype
    assert isinstance(dtype, pl.Datetime), "its caller saw to it"
    if dtype.time_unit == "ns":
        finer = column.values.to_physical() % 1000 != 0
        column.refuse_where(finer, "times are kept in microseconds, and finer ones would be cut off")
    times = microseconds(column.values)
    if dtype.time_zone is not None:
        return Read(times, TimeAxis(zone=zone or dtype.time_zone), "date-time with zone")
    times, repairs = located(column, times, zone, clock, sequence)
    return Read(times, TimeAxis(zone=zone), "date-time", repairs)


def _text(column: SourceColumn) -> SourceColumn:
    """Whole numbers such as 20260131 may be meant as text."""
    if column.values.dtype == pl.String or column.values.dtype.is_integer():
        return SourceColumn(column.values.cast(pl.String), column.origin, column.at)
    rule = "`time_format` says how text is read, and these are no text"
    raise column.error(f"{rule}: received {column.values.dtype}; leave it out", 0)
