"""Zones: local times as instants and back. A local time that the clocks skip or repeat is never guessed."""

from __future__ import annotations

from typing import Literal

import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.about import TimeAxis
from rnnlib.data.origin import SourceColumn
from rnnlib.data.times.clock import Clock, Located, repaired

Times = Int64[ndarray, " rows"]


def wall(times: Times, zone: str | None) -> Times:
    """Instants as what a clock on the wall of `zone` shows, in microseconds; naive times are that already."""
    if zone is None:
        return times
    local = pl.Series(times).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return local.cast(pl.Int64).to_numpy()


def instants(walls: Times, zone: str | None) -> pl.Series:
    """The instants (int64) at which a clock in `zone` shows `walls`; null where it does so never or twice."""
    if zone is None:
        return pl.Series(walls)
    local = pl.Series(walls).cast(pl.Datetime("us"))
    aware = local.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    return aware.dt.convert_time_zone("UTC").cast(pl.Int64)


def located(
    column: SourceColumn, walls: Times, zone: str | None, clock: Clock, sequence: Times | None = None
) -> Located:
    """The naive times of a column as instants in `zone`; what the clocks skip or repeat is read as `clock` says.

    Raises `DataError` for the first such time, where nothing is said.
    """
    found = instants(walls, zone)
    if zone is None or not found.null_count():
        return Located(found.to_numpy(), {})
    return repaired(column, walls, found, zone, clock, sequence)


def zoneless(
    column: SourceColumn, kind: Literal["date", "integer"], zone: str | None, written: str | None = None
) -> TimeAxis:
    """The axis of times that have no time of day; raises `DataError` where a zone was named for them."""
    if zone is not None:
        raise column.error(f"only times of day have a `zone`, and these are {kind}s: received {zone}; leave it out", 0)
    return TimeAxis(kind=kind, written=written)


def microseconds(values: pl.Series) -> Times:
    """Dates or date-times as microseconds since 1970."""
    return values.cast(pl.Datetime("us", getattr(values.dtype, "time_zone", None))).cast(pl.Int64).to_numpy()
