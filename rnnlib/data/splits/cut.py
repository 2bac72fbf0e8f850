"""Where a part begins that takes the last rows of every series."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int64
from numpy import ndarray

from rnnlib.data.amounts import counted
from rnnlib.data.batching.windows import Segments
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.times.steps import Step
from rnnlib.data.times.zones import wall
from rnnlib.errors import DataError
from rnnlib.quantities import Duration, Percent

_DAY = 86_400_000_000
Rows = Int64[ndarray, " series"]


class Asked(NamedTuple):
    """What a part asks for; of shares, `before` went to later parts."""

    part: PartOf
    amount: Duration | Percent | float | int
    before: Fraction = Fraction(0)

    @property
    def name(self) -> str:
        """The field that asks."""
        return "leave" if self.part is PartOf.nowhere else self.part.name


def cut(data: DataSet, series: Segments, stop: Rows, asked: Asked) -> Rows:
    """The row at which a part begins that takes what it asks of the rows of every series up to `stop`.

    Shares are of all rows of the series. Raises `DataError`, pointing at the part, where a series gives it no row, or
    has too few: train needs a row beside a held-out part.
    """
    part, amount, before = asked
    if isinstance(amount, Duration):
        start = _since(data, series, stop, asked)
    else:
        taken = [counted(amount, int(rows), before) for rows in series.last - series.first]
        start = stop - np.array(taken, np.int64)
    short = start < series.first if part is PartOf.train else start <= series.first
    if short.any():
        raise DataError(_too_short(data, series, stop, asked, short), at=(asked.name,))
    if (empty := start >= stop).any():
        at = int(np.flatnonzero(empty)[0])
        rows = series.last[at] - series.first[at]
        rule = f"`{amount}` of the {rows} rows of series `{_key(data, series, at)}` is not one row"
        raise DataError(f"{rule}: `{asked.name}` needs more", at=(asked.name,))
    return start


def _too_short(data: DataSet, series: Segments, stop: Rows, asked: Asked, short: Bool[ndarray, " series"]) -> str:
    rows = series.last - series.first
    at = int(np.flatnonzero(short)[np.argmin(rows[short])])
    left = int(stop[at] - series.first[at])
    has = f"it has {rows[at]} rows" + (f", {left} of them before the later parts" if left < rows[at] else "")
    needs = "" if asked.part is PartOf.train else ", and train needs at least one"
    most = f"the shortest series (`{_key(data, series, at)}`) can give"
    rule = f"`{asked.amount}` of {asked.name} is more than {most}"
    return f"{rule}: {has}{needs}; take less, or leave short series out"


def _since(data: DataSet, series: Segments, stop: Rows, asked: Asked) -> Rows:
    """The first row within a length of time up to each series' last row before `stop`.

    Days, weeks, months and years are counted on the calendar of the data's zone. A duration that reaches further back
    than a series begins (by more than its longest step) asks for rows that are not there: it begins before the first.
    """
    duration, axis = asked.amount, data.about.time
    assert isinstance(duration, Duration), "only lengths of time are looked up in the times"
    if data.times is None or axis is None or axis.kind == "integer":
        has = "no time" if axis is None else "whole numbers as time"
        rule = f"`{duration}` is a length of time, and the data has {has}"
        raise DataError(f"{rule}: give a count of rows or a share", at=(asked.name,))
    clock = data.times if duration.unit in "smh" else wall(data.times, axis.zone)
    start = stop.copy()
    for at, (first, last) in enumerate(zip(series.first, stop, strict=True)):
        moments = clock[first:last]
        edge = _earlier(int(moments[-1]), duration)
        inside = np.flatnonzero(moments <= edge)
        start[at] = first + (int(inside[-1]) + 1 if inside.size else 0)
        longest = int(np.diff(moments).max()) if moments.size > 1 else 0
        start[at] -= edge < moments[0] - longest
    return start


def _earlier(moment: int, duration: Duration) -> int:
    """The moment (microseconds) a duration before; the last day of a month leads to the last day of a month."""
    step = Step.read(str(duration))
    if not duration.calendar:
        return moment - step.size
    day, clock = divmod(moment, _DAY)
    month = np.datetime64(day, "D").astype("datetime64[M]")
    earlier = month - step.months
    longest = _first_day(earlier + 1) - _first_day(earlier) - 1
    is_last = day + 1 == _first_day(month + 1)
    return (_first_day(earlier) + (longest if is_last else min(day - _first_day(month), longest))) * _DAY + clock


def _first_day(month: np.datetime64) -> int:
    """Days from 1970 to the first day of a month."""
    return int(month.astype("datetime64[D]").astype(np.int64))


def _key(data: DataSet, series: Segments, at: int) -> str:
    return str(data.sequences["key"][int(series.sequence[at])])
