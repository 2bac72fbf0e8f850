"""A table becomes a data set: columns by their roles, rows into sequences, times onto a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import numpy as np
import polars as pl

from rnnlib.data.about import About, TimeAxis
from rnnlib.data.columns import keys
from rnnlib.data.dataset import DataSet
from rnnlib.data.loading.as_trained import roles_given
from rnnlib.data.loading.complete import refuse_missing
from rnnlib.data.loading.from_texts import texts_to_dataset
from rnnlib.data.loading.table import Table
from rnnlib.data.missing import Missing
from rnnlib.data.origin import Origin
from rnnlib.data.roles import Roles
from rnnlib.data.rows import Rows, Unsorted, gathered, in_order, moved
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.duplicates import Duplicates, without_duplicates
from rnnlib.data.times.frequency import inferred
from rnnlib.data.times.made import Made
from rnnlib.data.times.regular import regular
from rnnlib.data.times.steps import Step
from rnnlib.data.times.time_text import Read
from rnnlib.errors import DataError, near
from rnnlib.quantities import Duration


def frame_to_dataset(
    frame: pl.DataFrame,
    roles: Roles,
    *,
    file: str | pl.Series,
    every: Duration | None = None,
    missing: Missing | None = None,
    units: Mapping[str, str] = MappingProxyType({}),
    expected: About | None = None,
    duplicates: Duplicates = "refuse",
    unsorted: Unsorted = "refuse",
    zone: str | None = None,
    time_format: str | None = None,
    made: Made | None = None,
    clock: Clock | None = None,
) -> DataSet:
    """A table as a data set; `file` is the name that errors give it, or a column with the name of each row's file.

    With `expected` (the facts of the data that a model was trained on) the columns, their types, the times and their
    step are held against those; `every`, `zone`, `time_format`, `clock`, `units` and `made` are then taken from it.
    Labels, groups and official parts may be absent, and where there are future covariates the last rows of a sequence
    need no target.

    Raises `DataError`.
    """
    origin = Origin.of(file, trained=expected is not None)
    if frame.height == 0:
        raise origin.whole("there is no row: the file needs a header and rows")
    if expected is not None:
        units, made = expected.units, Made.model_validate(expected.made)
    made = made or Made()
    table = Table.of(frame, _roles(frame.columns, roles, expected, origin), origin)
    noted = partial(_about, frame, table, units=units, missing=missing, made=made)
    if roles.text is not None:
        return _with_files(texts_to_dataset(table, noted(), expected), origin)
    codes, names = keys(table.key, frame.height)
    raw, read = table.values(expected), table.times(expected, zone, time_format, clock or Clock(), codes)
    rows = gathered(raw, codes, None if read is None else read.times, table.key, unsorted)
    repaired = {} if read is None else dict(read.repairs)
    rows, repairs = _ordered(rows, table, duplicates, unsorted, skipped="skipped local times moved" in repaired)
    repairs |= repaired
    if missing is None:
        refuse_missing(rows, table, expected)
    sequences, static = table.sequences(rows, names, labelled=expected is None), table.static(rows, expected)
    axis = None if read is None else read.axis if made.irregular else _axis(rows, read.axis, every)
    if table.time is not None and axis is not None and axis.every is not None:
        rows, repairs["rows inserted"] = regular(rows, table.time, axis, insert=missing is not None)
    observed = ~np.isnan(rows.raw)
    data = DataSet(
        about=noted(read=read, axis=axis, repairs=repairs),
        raw=rows.raw,
        offsets=rows.offsets,
        sequences=sequences,
        times=rows.times,
        observed=None if observed.all() else observed,
        static=static,
        official=None if table.official is None else rows.carried(table.official),
        tags=None if table.tags is None else table.tags.of_rows(rows.source),
    )
    return _with_files(made.columns_of(data), origin, rows)


def _roles(columns: Sequence[str], roles: Roles, expected: About | None, origin: Origin) -> Roles:
    if expected is not None:
        return roles_given(columns, roles, expected, origin)
    for place in roles.places():
        if place.column not in columns:
            rule = f"no column has this name ({place.role}): {near(place.column, columns)}"
            raise origin.whole(rule, place.column, ("roles", *place.at))
    return roles


def _ordered(
    rows: Rows, table: Table, duplicates: Duplicates, unsorted: Unsorted, *, skipped: bool
) -> tuple[Rows, dict[str, int]]:
    """Sequences in the order of their times, one row for each; and what was repaired for that."""
    if table.time is None:
        return rows, {"rows moved": moved(rows.source)}
    rows, sorted_ = in_order(rows, table.time, table.key, unsorted)
    rows, dropped = without_duplicates(rows, table.time, table.key, duplicates, table.official, skipped=skipped)
    return rows, {"rows moved": sorted_, "duplicate rows": dropped}


def _about(
    frame: pl.DataFrame,
    table: Table,
    *,
    units: Mapping[str, str],
    missing: Missing | None,
    made: Made,
    read: Read | None = None,
    axis: TimeAxis | None = None,
    repairs: Mapping[str, int] = MappingProxyType({}),
) -> About:
    roles = table.roles
    return About(
        columns=roles.columns(units),
        static=roles.static,
        tags=roles.tags,
        tag_words=None if table.tags is None else table.tags.words,
        time=axis,
        roles=roles.model_dump(mode="json", exclude_defaults=True),
        names=roles.names(),
        types=table.types(read),
        words=table.words,
        ignored=tuple(column for column in frame.columns if column not in table.columns),
        made=made.model_dump(mode="json", exclude_defaults=True),
        missing=None if missing is None else missing.model_dump(mode="json", exclude_defaults=True),
        repairs={repair: count for repair, count in repairs.items() if count},
    )


def _axis(rows: Rows, axis: TimeAxis, every: Duration | None) -> TimeAxis:
    """The axis with its step: the model's, else the section's, else the most frequent one."""
    assert rows.times is not None, "an axis is that of times"
    if axis.every is not None:
        return axis
    if every is not None and axis.kind == "integer":
        rule = f"times that are whole numbers have no step of `{every}`: leave `every` out, it is found from the times"
        raise DataError(rule, at=("every",))
    step = inferred(rows.times, rows.offsets, axis) if every is None else Step.read(str(every))
    return axis.model_copy(update={"every": None if step is None else str(step)})


def _with_files(data: DataSet, origin: Origin, rows: Rows | None = None) -> DataSet:
    """The data set that knows its files: of each sequence, or of each row where sequences run over several.

    Without `rows` every row of the table is a sequence.
    """
    if origin.of_row is None:
        return data
    if rows is None:
        return replace(data, sequences=data.sequences.with_columns(file=pl.Series(origin.files).gather(origin.of_row)))
    of_row = rows.carried(origin.of_row)
    first = of_row[rows.offsets[:-1]]
    if (of_row != first[rows.sequence]).any():
        return replace(data, file_of_row=of_row)
    return replace(data, sequences=data.sequences.with_columns(file=pl.Series(origin.files).gather(first)))
