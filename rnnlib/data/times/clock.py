"""Local times that a change of the clocks repeats or skips: refused, or made instants as the spec says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.origin import SourceColumn
from rnnlib.errors import DataError
from rnnlib.part import Part

Walls = Int64[ndarray, " rows"]
Repeated = Int64[ndarray, " repeated"]
"""Of the rows whose local times come twice: which rows they are, or which of the two times each is (0 or 1)."""
_APART = 12 * 3_600_000_000
_EPOCH = datetime(1970, 1, 1)


class Clock(Part):
    """What becomes of local times that a clock shows twice in the night when it goes back, or never."""

    repeated: Literal["refuse", "first", "second", "in_order"] = Field(
        "refuse",
        description="which of two equal local times is meant; `in_order`: the rows of a series stand in the order of "
        "time, and where the clock goes back the second ones begin",
    )
    skipped: Literal["refuse", "forward"] = Field(
        "refuse", description="`forward`: a local time that no clock showed becomes the first one after the gap"
    )


class Located(NamedTuple):
    """Instants (microseconds since 1970 in UTC), and how many of them were repaired."""

    times: Walls
    repairs: Mapping[str, int]


def refused(column: SourceColumn, row: int, what: str, zone: str | None, spec: str) -> DataError:
    """The error of a local time that is no instant, or two."""
    write = "write times in UTC or with an offset (`+01:00`)"
    said = f"{column.shown(row)} {what} in {zone}"
    return column.error(f"{said}: {column.remedy(spec=f'{write}, or {spec}', rows=write)}", row)


def repaired(  # noqa: PLR0917
    column: SourceColumn, walls: Walls, found: pl.Series, zone: str, clock: Clock, sequence: Walls | None
) -> Located:
    """Instants of local times, `found` where a clock shows them once; `sequence` is the series of each row.

    Raises `DataError` for a time that the clock does not say how to read.
    """
    rows = np.flatnonzero(found.is_null())
    odd = pl.Series(walls[rows]).cast(pl.Datetime("us"))
    early, late = _instants(odd, zone, "earliest"), _instants(odd, zone, "latest")
    skipped = early.is_null().to_numpy()
    out = found.fill_null(0).to_numpy().copy()
    gap, fold = rows[skipped], rows[~skipped]
    if gap.size and clock.skipped == "refuse":
        what, spec = (
            "is skipped when the clocks go forward",
            "take the time after the gap with `clock: {skipped: forward}`",
        )
        raise refused(column, int(gap[0]), what, zone, spec)
    out[gap] = _after_gaps(walls[gap], ZoneInfo(zone))
    if fold.size:
        second = _SECOND[clock.repeated](column, walls, fold, zone, sequence)
        out[fold] = np.where(
            second == 1, late.fill_null(0).to_numpy()[~skipped], early.fill_null(0).to_numpy()[~skipped]
        )
    counts = {"repeated local times read": fold.size, "skipped local times moved": gap.size}
    return Located(out, {what: count for what, count in counts.items() if count})


def first_shown(walls: Walls, found: pl.Series, zone: str) -> Walls:
    """Instants of local times on a grid, `found` where a clock shows them once.

    One that it shows twice is the first of them, one that it skips the moment after the gap: so a day that has no
    midnight begins.
    """
    rows = np.flatnonzero(found.is_null())
    out = found.fill_null(0).to_numpy().copy()
    early = _instants(pl.Series(walls[rows]).cast(pl.Datetime("us")), zone, "earliest")
    out[rows] = early.fill_null(0).to_numpy()
    gap = rows[early.is_null().to_numpy()]
    out[gap] = _after_gaps(walls[gap], ZoneInfo(zone))
    return out


def _instants(local: pl.Series, zone: str, ambiguous: Literal["earliest", "latest"]) -> pl.Series:
    aware = local.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
    return aware.dt.convert_time_zone("UTC").cast(pl.Int64)


def _after_gaps(walls: Walls, zone: ZoneInfo) -> Walls:
    """The instants at which the clocks went over these times."""
    different, which = np.unique(walls, return_inverse=True)
    return np.array([_change(int(wall), zone) for wall in different], np.int64)[which]


def _change(wall: int, zone: ZoneInfo) -> int:
    """Of one skipped time: between reading it with the offset after the change and with that before (PEP 495)."""
    local = (_EPOCH + timedelta(microseconds=wall)).replace(tzinfo=zone)
    before, after = (wall - _offset(local.replace(fold=fold)) for fold in (1, 0))
    start = _offset(_at(before, zone))
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(_at(middle, zone)) == start else (before, middle)
    return after


def _at(instant: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=instant)).replace(tzinfo=UTC).astimezone(zone)


def _offset(local: datetime) -> int:
    shift = local.utcoffset()
    assert shift is not None, "a time in a zone has an offset"
    return round(shift / timedelta(microseconds=1))


def _refuse(column: SourceColumn, _walls: Walls, fold: Repeated, zone: str, _sequence: Walls | None) -> Repeated:
    what, spec = "comes twice when the clocks go back", "say with `clock: {repeated: …}` which it is (`in_order`)"
    raise refused(column, int(fold[0]), what, zone, spec)


def _in_order(column: SourceColumn, walls: Walls, fold: Repeated, zone: str, sequence: Walls | None) -> Repeated:
    """1 for the second of two equal local times: behind the one row of its series and its night that goes back."""
    order = np.arange(walls.size) if sequence is None else np.argsort(sequence, kind="stable")
    of = np.zeros(walls.size, np.int64) if sequence is None else sequence[order]
    local, repeated = walls[order], np.zeros(walls.size, bool)
    repeated[fold] = True
    repeated = repeated[order]
    joined = np.zeros(walls.size, bool)  # to the row before: of one series, within one night
    joined[1:] = (of[1:] == of[:-1]) & (np.abs(np.diff(local)) < _APART)
    back = np.zeros(walls.size, bool)
    back[1:] = joined[1:] & (np.diff(local) <= 0)
    begins = repeated & ~(joined & np.roll(repeated, 1))
    night = np.cumsum(begins) - 1
    turns = np.bincount(night[repeated & back], minlength=night[-1] + 1)
    # times that go back to a night, or from it, are not in order
    turns[night[back & (begins | (np.roll(repeated, 1) & ~repeated))]] = 2
    if (wrong := np.flatnonzero(repeated & (turns[night] != 1))).size:
        what = "comes twice when the clocks go back, and the order of the rows does not tell which it is,"
        raise refused(column, int(order[wrong[0]]), what, zone, "say `clock: {repeated: first}` or `second`")
    total = np.cumsum(repeated & back)
    second = np.zeros(walls.size, np.int64)
    second[order] = total - np.maximum.accumulate(np.where(begins, total - (repeated & back), 0))
    chosen: Repeated = second[fold]
    return chosen


_SECOND: Mapping[str, Callable[[SourceColumn, Walls, Repeated, str, Walls | None], Repeated]] = {
    "refuse": _refuse,
    "first": lambda _column, _walls, fold, _zone, _sequence: np.zeros(fold.size, np.int64),
    "second": lambda _column, _walls, fold, _zone, _sequence: np.ones(fold.size, np.int64),
    "in_order": _in_order,
}
