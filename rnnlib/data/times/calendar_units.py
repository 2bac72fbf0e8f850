"""What a calendar and a clock show of a moment: the hour, the day of the week, the month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from jaxtyping import Float64, Int64
from numpy import ndarray

CalendarUnit = Literal["minute", "hour", "weekday", "day", "day_of_year", "week", "month", "quarter"]
"""What is told of a moment; weeks are those of ISO 8601, and start on Monday."""

OF_THE_DAY = ("minute", "hour")
"""What dates do not have."""

Local = pl.Series
"""Times as the clock on the wall shows them, without a zone."""


class Shown(NamedTuple):
    """One unit of a calendar: its number from 0 up, how many of them a turn has, and what they are called."""

    number: Callable[[Local], pl.Series]
    turn: Callable[[Local], pl.Series | int]
    names: tuple[str, ...]

    def numbers(self, local: Local) -> Int64[ndarray, " rows"]:
        """Which one it is, counted from 0."""
        return self.number(local).cast(pl.Int64).to_numpy()

    def waves(self, local: Local) -> Float64[ndarray, "rows 2"]:
        """sin(2π n / turn) and cos(2π n / turn)."""
        turn = self.turn(local)
        whole = turn if isinstance(turn, int) else turn.cast(pl.Float64).to_numpy()
        angle = 2 * np.pi * self.numbers(local) / whole
        return np.column_stack([np.sin(angle), np.cos(angle)])


def _counted(first: int, last: int, width: int = 1) -> tuple[str, ...]:
    return tuple(f"{number:0{width}}" for number in range(first, last + 1))


def _days_of_year(local: Local) -> pl.Series:
    return local.dt.is_leap_year().cast(pl.Int64) + 365


_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_YEAR = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

UNITS: Mapping[str, Shown] = {
    "minute": Shown(lambda local: local.dt.minute(), lambda _: 60, _counted(0, 59, 2)),
    "hour": Shown(lambda local: local.dt.hour(), lambda _: 24, _counted(0, 23, 2)),
    "weekday": Shown(lambda local: local.dt.weekday() - 1, lambda _: 7, _WEEK),
    "day": Shown(lambda local: local.dt.day() - 1, lambda local: local.dt.days_in_month(), _counted(1, 31)),
    "day_of_year": Shown(lambda local: local.dt.ordinal_day() - 1, _days_of_year, _counted(1, 366)),
    "week": Shown(lambda local: local.dt.week() - 1, lambda _: 53, _counted(1, 53)),
    "month": Shown(lambda local: local.dt.month() - 1, lambda _: 12, _YEAR),
    "quarter": Shown(lambda local: local.dt.quarter() - 1, lambda _: 4, _counted(1, 4)),
}
"""Every unit by its name."""
