"""Columns that are made from the times of the rows: a calendar's, and the time since the row before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from rnnlib.data.about import Column, Role
from rnnlib.data.dataset import DataSet
from rnnlib.data.times.calendar import Calendar, CalendarColumn
from rnnlib.errors import DataError, refusals_at
from rnnlib.part import Facts
from rnnlib.quantities import Duration

DELTA = "time_delta"
"""The column that says how long after the row before it a row stands."""


class Made(Facts):
    """What is made from times; stored with a model, which needs the same of new data."""

    calendar: Calendar | None = None
    irregular: bool = False
    time_delta: Duration | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are made."""
        delta = () if self.time_delta is None else (DELTA,)
        return (*delta, *(() if self.calendar is None else self.calendar.names))

    def columns_of(self, data: DataSet) -> DataSet:
        """The data with its made columns behind the others: known ahead, but for the time since the row before.

        Raises `DataError` where there are no times, and where a column of the source has the name of a made one.
        """
        columns = [*self._delta(data), *self._calendar(data)]
        if not columns:
            return data
        known = {column.name for column in data.about.columns} | {*data.about.static}
        for _, made in columns:
            if made.name in known:
                rule = "a column that is made from the times has a name of its own, and the roles name it too"
                raise DataError(f"{rule}: rename the column of the file, or take it out", column=made.name)
        words = {made.name: made.words for _, made in columns if made.words is not None}
        about = data.with_about(
            columns=(*data.about.columns, *(_column(role, made) for role, made in columns)),
            words={**data.about.words, **words},
        )
        values = np.column_stack([data.raw, *(made.values for _, made in columns)])
        seen = np.ones((data.rows, len(columns)), bool)
        observed = None if data.observed is None else np.column_stack([data.observed, seen])
        return _known_ahead_last(replace(about, raw=values, observed=observed))

    def ahead(self, data: DataSet, times: Int64[ndarray, " rows"]) -> dict[int, Float64[ndarray, " rows"]]:
        """What a calendar shows at other times, by the place of its column: codes or tokens, as the data has them."""
        if self.calendar is None:
            return {}
        assert data.about.time is not None, "times have an axis"
        position = {column.name: at for at, column in enumerate(data.about.columns)}
        shown = self.calendar.columns(times, data.about.time)
        return {position[column.name]: _as_held(data, position[column.name], column) for column in shown}

    def _calendar(self, data: DataSet) -> Sequence[tuple[Role, CalendarColumn]]:
        if self.calendar is None:
            return ()
        assert data.times is not None, "a calendar was made only where there are times"
        assert data.about.time is not None, "times have an axis"
        role: Role = "future" if data.having("target") else "features"
        with refusals_at("calendar"):
            return [(role, column) for column in self.calendar.columns(data.times, data.about.time)]

    def _delta(self, data: DataSet) -> Sequence[tuple[Role, CalendarColumn]]:
        if self.time_delta is None:
            return ()
        role: Role = "past" if data.having("target") else "features"
        return [(role, CalendarColumn(DELTA, since_before(data, self.time_delta), None))]


def since_before(data: DataSet, unit: Duration) -> Float64[ndarray, " rows"]:
    """Δ_t = (time_t − time_{t−1}) / unit, 0 for the first row of a sequence. Raises `DataError` for whole numbers."""
    assert data.times is not None, "rows without times were refused"
    assert data.about.time is not None, "times have an axis"
    if data.about.time.kind == "integer":
        rule = f"whole numbers have no unit of time such as `{unit}`"
        raise DataError(f"{rule}: write dates or times, or leave it out", at=(DELTA,))
    delta = np.diff(data.times, prepend=data.times[:1]) / (unit.timedelta() / timedelta(microseconds=1))
    delta[data.offsets[:-1]] = 0.0
    return np.asarray(delta)


def _known_ahead_last(data: DataSet) -> DataSet:
    """The columns in the order of their roles: the time since the row before is none of those that are known ahead."""
    order = sorted(range(len(data.about.columns)), key=lambda at: data.about.columns[at].role == "future")
    if order == list(range(len(order))):
        return data
    about = data.with_about(columns=tuple(data.about.columns[at] for at in order))
    observed = None if data.observed is None else data.observed[:, order]
    return replace(about, raw=np.ascontiguousarray(data.raw[:, order]), observed=observed)


def _as_held(data: DataSet, at: int, made: CalendarColumn) -> Float64[ndarray, " rows"]:
    if made.words is None or data.about.columns[at].holds != "tokens":
        return made.values
    tokens = {token: number for number, token in enumerate(data.about.words[made.name])}
    return np.array([tokens.get(word, 0) for word in made.words], np.float64)[made.values.astype(np.int64)]


def _column(role: Role, made: CalendarColumn) -> Column:
    return Column(name=made.name, role=role, holds="numbers" if made.words is None else "words")
