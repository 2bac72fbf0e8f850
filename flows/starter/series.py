"""The column that tells series apart, and rows that came twice."""

from __future__ import annotations

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from flows.starter.columns import is_key, repeats
from rnnlib.errors import DataError

_TWICE = 0.01
"""The largest share of rows that are taken for duplicates; one row always is."""

_ROWS_OF_A_SERIES = 24


def series_of(frame: pl.DataFrame, file: str, time: str, target: str | None) -> str | None:
    """The column that tells apart the rows of one time, the one with the fewest values; none where times differ.

    Rows that nothing tells apart are taken for rows that came twice where they are few. Raises `DataError` where they
    are many.
    """
    if not repeats(frame, [time]):
        return None
    keys = [column.name for column in frame if is_key(column) and column.name not in (time, target)]
    keys = [name for name in keys if repeats(frame, [name])]
    few = max(1, int(_TWICE * frame.height))
    telling = [name for name in keys if not repeats(frame, [name, time])]
    if not telling and _again(frame, [time]).size <= few:
        return None
    telling = telling or [name for name in keys if _long(frame, name) and _again(frame, [name, time]).size <= few]
    if not telling:
        raise _told_apart_by_nothing(frame, file, time, keys)
    return min(telling, key=lambda name: (frame[name].dtype.is_integer(), frame[name].n_unique()))


def _again(frame: pl.DataFrame, columns: list[str]) -> Int64[ndarray, " again"]:
    """The rows that agree in all of `columns` with an earlier one."""
    return np.flatnonzero(~frame[columns].to_struct("").is_first_distinct().to_numpy())


def _long(frame: pl.DataFrame, name: str) -> bool:
    """Whether its values have rows enough to be series: a measured number tells rows apart by chance."""
    return frame[name].n_unique() * _ROWS_OF_A_SERIES <= frame.height


def _told_apart_by_nothing(frame: pl.DataFrame, file: str, time: str, keys: list[str]) -> DataError:
    key = min(
        (name for name in keys if _long(frame, name)), key=lambda name: _again(frame, [name, time]).size, default=None
    )
    row = int(_again(frame, [time] if key is None else [key, time])[0])
    rule = f"the time {frame[time][row]} comes more than once"
    if key is None:
        rule = f"{rule}, and no column names the series of a row: add one, or keep one row for each time"
    else:
        rule = f"{rule} where `{key}` is {frame[key][row]}, and no column tells these rows apart: keep one of each"
    return DataError(rule, file=file, column=time, row=row + 1)
