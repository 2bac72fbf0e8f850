"""New data held against what a model was trained on: every column that it reads, each of its type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.about import About
from rnnlib.data.columns import word
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.roles import Roles
from rnnlib.data.text_types import as_numbers
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.time import read_times
from rnnlib.data.times.time_text import Read, as_iso
from rnnlib.errors import near

_DAY = 86_400_000_000


def not_needed(expected: About) -> tuple[str, ...]:
    """Roles that only training and scoring use; `group` is one of them unless each group has a scale of its own."""
    scales = (state for state in expected.transforms.values() if state.get("groups") is not None)
    return ("label", "part") if any(state.get("each") == "group" for state in scales) else ("label", "group", "part")


def roles_given(columns: Sequence[str], roles: Roles, expected: About, origin: Origin) -> Roles:
    """The roles whose columns are there; those that only training uses may be absent.

    Raises `DataError` for a column that the model reads and does not get, and for one that it does not know.
    """
    optional = not_needed(expected)
    for place in roles.places():
        if place.role not in (*optional, "tags") and place.column not in columns:
            rule = f"the model reads this column ({place.role}), and it is missing"
            raise origin.whole(f"{rule}: {near(place.column, columns)}", place.column)
    known = {place.column for place in roles.places()} | set(expected.ignored)
    for column in columns:
        if column not in known:
            raise origin.whole("the model was trained without this column: leave it out", column)
    absent = {role: None for role in optional if getattr(roles, role) not in (None, *columns)}
    return roles.model_copy(update={**absent, "tags": ()})


def refuse_retyped(column: SourceColumn, expected: About) -> None:
    """Raises `DataError` where the model was trained on numbers and the column holds something else."""
    numeric = ("number", "whole number", "true or false")
    trained, received = expected.types.get(column.name), word(column.values.dtype)
    if trained not in numeric or received in numeric or column.values.dtype == pl.Null:
        return
    wrong = column.values.is_not_null().to_numpy()
    if column.values.dtype == pl.String and as_numbers(column.values).null_count() > column.values.null_count():
        wrong &= as_numbers(column.values).is_null().to_numpy()
    column.refuse_where(wrong, f"the model was trained on values of type {trained}, and this is of type {received}")


def times_as_trained(column: SourceColumn, expected: About, sequence: Int64[ndarray, " rows"] | None = None) -> Read:
    """The times of new data on the axis that the model knows; dates and naive date-times may stand for each other.

    Times with an offset tell instants, so they may stand for local ones whose zone is known; and what a pattern spelled
    may be ISO 8601, as forecasts are written. Raises `DataError` where one has a zone and the other none, where one is
    a number and the other a time, and for a time of day where the model knows dates.
    """
    assert expected.time is not None, "a model that reads times knows their axis"
    trained, axis = expected.types[column.name], expected.time
    if axis.kind == "datetime" and column.values.dtype == pl.Date:
        column = SourceColumn(column.values.cast(pl.Datetime("us")), column.origin, column.at)
    spelled = column.values.dtype == pl.String or column.values.dtype.is_integer()
    clock = Clock.model_validate(axis.clock)
    written = None if axis.written is None or as_iso(column.values, axis.written) else axis.written
    times, _, received, repairs = read_times(column, axis.zone, written if spelled else None, clock, sequence)
    naive = ("date", "date-time")
    located = axis.zone is not None and received == "date-time with zone"
    if received != trained and not located and not (received in naive and trained in naive):
        rule = f"the model was trained on times of type {trained}: received type {received}, {column.shown(0)}"
        raise column.error(f"{rule}; write them as in training", 0)
    if axis.kind == "date":
        column.refuse_where(np.mod(times, _DAY) != 0, "the model was trained on dates, without a time of day")
    return Read(times, axis, trained, repairs)
