"""Times that come twice because a clock was put back, in a zone where people live."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from flows.starter.columns import Guess
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.times.time import read_times

_ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Helsinki", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "Australia/Sydney", "America/Santiago",
)  # fmt: skip
"""One for each night and hour at which many clocks go back."""


class PutBack(NamedTuple):
    """How many of the repeated times a clock in `zone` shows twice."""

    zone: str
    rows: int


def put_back(frame: pl.DataFrame, guess: Guess, file: str) -> PutBack | None:
    """The zone that explains most of the times that come again in a series; none where no clock was put back."""
    time, series = guess.roles.time, guess.roles.series
    if time is None:
        return None
    read = read_times(SourceColumn(frame[time], Origin((file,)), ()), None, guess.time_format)
    if read.axis.kind != "datetime" or read.axis.zone is not None:
        return None
    rows = pl.DataFrame({"time": read.times, "series": 0 if series is None else frame[series]})
    again = rows.filter(~rows.to_struct("").is_first_distinct())["time"].cast(pl.Datetime("us"))
    found = [PutBack(zone, _shown_twice(again, zone)) for zone in _ZONES]
    best = max(found, key=lambda one: one.rows)
    return best if best.rows else None


def _shown_twice(times: pl.Series, zone: str) -> int:
    first, second = (
        times.dt.replace_time_zone(zone, ambiguous=which, non_existent="null") for which in ("earliest", "latest")
    )
    return int((first != second).sum())
