"""Columns that look like a forecast: times, perhaps several series, and numbers."""

from __future__ import annotations

import polars as pl

from flows.starter.columns import Guess, constant_within, is_constant, is_key, is_number, listed, moments, repeats
from rnnlib.data.roles import Roles
from rnnlib.errors import DataError

_TARGETS = ("y", "target", "value")
_TWICE = 0.01
"""The largest share of rows that are taken for duplicates."""


def forecast(frame: pl.DataFrame, file: str, target: str | None) -> Guess:
    """The roles of a forecast of `target`, or of the column that must be meant.

    Raises `DataError` where no column holds times, where nothing tells series apart, or where several columns could be
    what is asked for.
    """
    time = _time(frame, file, target)
    series = _series(frame, file, time, target)
    numbers = [column.name for column in frame if is_number(column) and column.name not in (time, series)]
    target = _target(frame, file, [name for name in numbers if target in (None, name)], asked=target)
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
    return Guess(roles, unused)


def _time(frame: pl.DataFrame, file: str, target: str | None) -> str:
    found = [name for name in moments(frame) if name != target]
    if not found:
        rule = "a forecast needs a column of times (dates, or whole numbers called `time`, `date`, `step`, …)"
        raise DataError(
            f"{rule}, the columns are {listed(frame.columns)}: rename one, or name a class: --label", file=file
        )
    return next((name for name in found if not frame[name].is_duplicated().any()), found[0])


def _series(frame: pl.DataFrame, file: str, time: str, target: str | None) -> str | None:
    """The column that tells apart the rows of one time, the one with the fewest values; none where times differ.

    Where nothing tells them apart and they are few, they are taken for rows that came twice.
    """
    if not repeats(frame, [time]):
        return None
    keys = [column.name for column in frame if is_key(column) and column.name not in (time, target)]
    telling = [name for name in keys if not repeats(frame, [name, time]) and repeats(frame, [name])]
    if not telling and frame.height - frame[time].n_unique() <= _TWICE * frame.height:
        return None
    if not telling:
        again = int(frame[time].is_duplicated().arg_true()[0])
        rule = f"the time {frame[time][again]} comes more than once, and no column names the series of a row"
        remedy = "add one, or keep one row for each time"
        raise DataError(f"{rule}: {remedy}", file=file, column=time, row=again + 1)
    return min(telling, key=lambda name: (frame[name].dtype.is_integer(), frame[name].n_unique()))


def _target(frame: pl.DataFrame, file: str, numbers: list[str], asked: str | None) -> str:
    varying = [name for name in numbers if not is_constant(frame[name])]
    by_name = [name for name in varying if name.lower() in _TARGETS]
    if len(found := by_name or varying) == 1:
        return found[0]
    if not varying:
        whose = f"`{asked}` has none" if asked else f"the columns are {listed(frame.columns)}"
        raise DataError(f"what is forecast are numbers that are not all the same, {whose}: check the file", file=file)
    rule = f"any of {listed(varying)} could be what is to be forecast"
    raise DataError(f"{rule}: name it, say --target {varying[0]}", file=file)


def _useless(frame: pl.DataFrame, name: str, series: str | None, numbers: list[str]) -> str | None:
    if name not in numbers:
        return "empty" if frame[name].null_count() == frame.height else "no numbers"
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
