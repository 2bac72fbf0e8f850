"""Columns that look like a forecast: times, perhaps several series, and numbers."""

from __future__ import annotations

import polars as pl

from flows.starter.columns import TIMES, Guess, constant_within, is_constant, is_number, listed, moments, unread
from flows.starter.series import series_of
from flows.starter.targets import refuse_as_target, target_of
from flows.starter.written_times import time_format
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.roles import Roles
from rnnlib.data.times.time import read_times
from rnnlib.errors import DataError


def forecast(frame: pl.DataFrame, file: str, target: str | None, labels: tuple[str, ...] = ()) -> Guess:
    """The roles of a forecast of `target`, or of the column that must be meant; `labels` could be meant instead.

    Raises `DataError` where no column holds times, where nothing tells series apart, or where several columns could be
    what is asked for.
    """
    time = _time(frame, file, target)
    series = series_of(frame, file, time, target)
    numbers = [column.name for column in frame if is_number(column) and column.name not in (time, series)]
    if target is None:
        target = target_of(frame, file, numbers, labels)
    else:
        refuse_as_target(frame, file, target)
    unused = {
        name: reason
        for name in frame.columns
        if name not in (time, series, target) and (reason := _useless(frame, name, series, numbers))
    }
    covariates = [name for name in numbers if name != target and name not in unused]
    ahead = [name for name in covariates if _known_ahead(frame, name, target, series)]
    roles = Roles(
        series=series,
        time=time,
        target=(target,),
        past=tuple(name for name in covariates if name not in ahead),
        future=tuple(ahead),
    )
    return Guess(roles, unused, time_format=time_format(frame[time], file), labels=labels)


def _time(frame: pl.DataFrame, file: str, target: str | None) -> str:
    found = [name for name in moments(frame) if name != target]
    if not found:
        _refuse_misread(frame, file, target)
        rule = "a forecast needs a column of times (dates, or whole numbers called `time`, `date`, `step`, …)"
        raise DataError(
            f"{rule}, the columns are {listed(frame.columns)}: rename one, or name a class: --label", file=file
        )
    return next((name for name in found if not frame[name].is_duplicated().any()), found[0])


def _refuse_misread(frame: pl.DataFrame, file: str, target: str | None) -> None:
    """Raises `DataError` for the value that keeps a column with a time's name from being one."""
    for column in frame:
        if column.name.lower() in TIMES and column.name != target:
            read_times(SourceColumn(column, Origin((file,)), ()), None, None)


def _useless(frame: pl.DataFrame, name: str, series: str | None, numbers: list[str]) -> str | None:
    if name not in numbers:
        return unread(frame, name, "past", series)
    if is_constant(frame[name]):
        return "constant"
    if series is not None and constant_within(frame, name, series):
        return "constant within each series: it could be `static`"
    return None


def _known_ahead(frame: pl.DataFrame, name: str, target: str, series: str | None) -> bool:
    """Whether it goes on where the target has ended: rows to be forecast are in the file already."""
    rows = pl.DataFrame(
        {
            "unknown": frame[target].is_null(),
            "missing": frame[name].is_null(),
            "series": pl.repeat(0, frame.height, eager=True) if series is None else frame[series],
        }
    )
    ended = pl.col("unknown").reverse().cum_min().reverse().over("series")
    ahead = rows.filter(ended)
    return ahead.height > 0 and not ahead["missing"].any()
