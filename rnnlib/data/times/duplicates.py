"""Several rows for one time of a sequence: refused, or made one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Int8
from numpy import ndarray

from rnnlib.data.origin import SourceColumn
from rnnlib.data.rows import Rows
from rnnlib.errors import DataError

Duplicates = Literal["refuse", "first", "last", "mean"]


def without_duplicates(
    rows: Rows,
    time: SourceColumn,
    key: SourceColumn | None,
    duplicates: Duplicates,
    official: Int8[ndarray, " source_rows"] | None,
    *,
    skipped: bool = False,
) -> tuple[Rows, int]:
    """Sorted sequences with one row for each time, and how many rows fell away.

    `skipped` says that local times which no clock showed became later ones (`clock.skipped: forward`).
    Raises `DataError` where none may fall away, and where rows of equal time are in different official parts.
    """
    again = np.flatnonzero(rows.gaps == 0)
    if again.size == 0:
        return rows, 0
    first, second = rows.source[again - 1], rows.source[again]
    if duplicates == "refuse":
        if skipped and time.values[int(first[0])] != time.values[int(second[0])]:
            raise _ticked_on(time, int(first[0]), int(second[0]))
        rule = f"a sequence has one row for each time: {time.shown(int(second[0]))} comes again, first"
        unless_series = "" if key else "name the column that tells the series apart as `series`, or "
        spec = f"{unless_series}keep one with `duplicates: first`, `last` or `mean`"
        remedy = time.remedy(spec=spec, rows="keep one row for each time")
        raise time.error(f"{rule} {time.place(int(first[0]))}; {remedy}", int(second[0]))
    if official is not None and (apart := np.flatnonzero(official[first] != official[second])).size:
        one, other = int(first[apart[0]]), int(second[apart[0]])
        raise time.error(f"rows of equal time are in one part: the row {time.place(one)} is in another", other)
    return _KEEP[duplicates](rows, rows.gaps == 0), int(again.size)


def _ticked_on(time: SourceColumn, first: int, second: int) -> DataError:
    """The error of two local times that are one instant since one was moved: their clock never went forward."""
    both = f"{time.shown(first)} {time.place(first)} and {time.shown(second)}"
    cause = "`clock: {skipped: forward}` moves what the clocks skip"
    rule = f"a sequence has one row for each time: {both} are one since {cause}"
    write = "a clock that shows both goes by one offset all year: write times with it (`+01:00`)"
    remedy = time.remedy(spec=f"{write}, or leave `zone` and `clock` out", rows=write)
    return time.error(f"{rule}; {remedy}", second)


def _mean(rows: Rows, same: Bool[ndarray, " rows"]) -> Rows:
    starts = np.flatnonzero(~same)
    known = ~np.isnan(rows.raw)
    count = np.add.reduceat(known, starts, axis=0, dtype=np.int64)
    total = np.add.reduceat(np.where(known, rows.raw, 0.0), starts, axis=0)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return replace(rows.take(starts), raw=mean)


_KEEP: Mapping[str, Callable[[Rows, Bool[ndarray, " rows"]], Rows]] = {
    "first": lambda rows, same: rows.take(~same),
    "last": lambda rows, same: rows.take(~np.append(same[1:], False)),
    "mean": _mean,
}
