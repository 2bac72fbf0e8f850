"""The grid of times that a step spans: fixed lengths, days of a zone (23 to 25 hours), months of the calendar."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int64
from numpy import ndarray

from rnnlib.data.times.clock import first_shown
from rnnlib.data.times.steps import DAY, Step
from rnnlib.data.times.zones import instants, wall

Rows = Int64[ndarray, " rows"]
Sequences = Int64[ndarray, " sequences"]
Offsets = Int64[ndarray, " sequences_and_one"]


class Position(NamedTuple):
    """Where times stand on the grid: whole steps from the sequence's first row, and whether exactly there."""

    steps: Rows
    exact: Bool[ndarray, " rows"]


class Grid(ABC):
    """The times that a sequence may have: its first row's, and every step after it."""

    @abstractmethod
    def position(self, times: Rows, sequence: Rows) -> Position:
        """The steps between the first row of each time's sequence and the time."""

    @abstractmethod
    def times(self, steps: Rows, sequence: Rows) -> Rows:
        """The times `steps` after the first row of each sequence; the inverse of `position`."""


def grid(times: Rows, offsets: Offsets, step: Step, zone: str | None) -> Grid:
    """The grid of sorted sequences, none of them empty. In a zone, days and weeks are counted on its calendar."""
    first = times[offsets[:-1]]
    if step.months:
        return _Months(first, _day(times, offsets, zone), step.months, zone)
    if zone is not None and step.unit in ("d", "w"):
        return _Days(first, step.size // DAY, zone)
    return _Fixed(first, step.size)


@dataclass(frozen=True)
class _Fixed(Grid):
    first: Sequences
    size: int

    def position(self, times: Rows, sequence: Rows) -> Position:
        steps, rest = np.divmod(times - self.first[sequence], self.size)
        return Position(steps, rest == 0)

    def times(self, steps: Rows, sequence: Rows) -> Rows:
        return np.asarray(self.first[sequence] + steps * self.size)


@dataclass(frozen=True)
class _Days(Grid):
    """Days of a zone: the clock on the wall shows the same time on each, or the first after it where it skips it."""

    first: Sequences
    days: int
    zone: str

    def position(self, times: Rows, sequence: Rows) -> Position:
        steps, rest = np.divmod(wall(times, self.zone) - wall(self.first, self.zone)[sequence], self.days * DAY)
        return _after_gaps_too(self, Position(steps, rest == 0), times, sequence)

    def times(self, steps: Rows, sequence: Rows) -> Rows:
        return _located(wall(self.first, self.zone)[sequence] + steps * self.days * DAY, self.zone)


@dataclass(frozen=True)
class _Months(Grid):
    """Months: the same day of each, or the last one where the month is too short for it."""

    first: Sequences
    day: Sequences
    months: int
    zone: str | None

    def position(self, times: Rows, sequence: Rows) -> Position:
        month, day, clock = _calendar(wall(times, self.zone))
        month_0, _, clock_0 = _calendar(wall(self.first, self.zone))
        steps, rest = np.divmod(month - month_0[sequence], self.months)
        same_day = day == np.minimum(self.day[sequence], _length(month))
        exact = (rest == 0) & same_day & (clock == clock_0[sequence])
        return _after_gaps_too(self, Position(steps, exact), times, sequence)

    def times(self, steps: Rows, sequence: Rows) -> Rows:
        month_0, _, clock_0 = _calendar(wall(self.first, self.zone))
        month = month_0[sequence] + steps * self.months
        day = np.minimum(self.day[sequence], _length(month))
        return _located((_first_day(month) + day - 1) * DAY + clock_0[sequence], self.zone)


def _day(times: Rows, offsets: Offsets, zone: str | None) -> Sequences:
    """The first row's day of the month; where its month ends with it, the latest day of any row."""
    month, day, _ = _calendar(wall(times, zone))
    first = offsets[:-1]
    ends = day[first] == _length(month[first])
    return np.where(ends, np.maximum.reduceat(day, first), day[first])


def _calendar(walls: Rows) -> tuple[Rows, Rows, Rows]:
    """Months since 1970, the day of the month from 1, and microseconds since midnight."""
    days, clock = np.divmod(walls, DAY)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return month, days - _first_day(month) + 1, clock


def _first_day(month: Rows) -> Rows:
    """Days from 1970 to the first day of a month."""
    return month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _length(month: Rows) -> Rows:
    return np.asarray(_first_day(month + 1) - _first_day(month))


def _located(walls: Rows, zone: str | None) -> Rows:
    found = instants(walls, zone)
    return found.to_numpy() if zone is None or not found.null_count() else first_shown(walls, found, zone)


def _after_gaps_too(grid: Grid, found: Position, times: Rows, sequence: Rows) -> Position:
    """The positions, where a time that a clock skips stands for the first one after it."""
    off = np.flatnonzero(~found.exact)
    if off.size:
        found.exact[off] = grid.times(found.steps[off], sequence[off]) == times[off]
    return found
