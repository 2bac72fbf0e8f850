"""A table becomes a data set: columns by their roles, rows into sequences, times onto a grid.

Whatever is wrong with the data is refused with its file, column and row, or repaired as the section says; every repair
is counted in `about.repairs`. Missing values stay missing here: they are filled within each part, after the split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Bool, Int8, Shaped
from numpy import ndarray

from rnnlib.data.arrays import Arrays
from rnnlib.data.columns import keys
from rnnlib.data.contract.contracted import NOTHING, columns_held, contracted, types_of
from rnnlib.data.dataset import About, DataSet, TimeAxis
from rnnlib.data.expected import near, roles_given
from rnnlib.data.loading_arrays import arrays_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.origin import Origin
from rnnlib.data.reading import Reading
from rnnlib.data.roles import Roles
from rnnlib.data.rows import Rows, Unsorted, gathered, in_order, moved
from rnnlib.data.seen import Contract
from rnnlib.data.sources import FILE
from rnnlib.data.table import Table
from rnnlib.data.texts import texts_to_dataset
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.duplicates import Duplicates, without_duplicates
from rnnlib.data.times.frequency import inferred
from rnnlib.data.times.made import Made
from rnnlib.data.times.regular import regular
from rnnlib.data.times.steps import Step
from rnnlib.data.times.time_text import Read
from rnnlib.errors import DataError, Refused
from rnnlib.place import File, Place
from rnnlib.quantities import Duration


def load(section: Reading, place: Place, accepted: Contract | None = None) -> DataSet:
    """The files of a section as a data set, held against the `accepted` contract where there is one.

    Raises `DataError` for what is wrong with them.
    """
    try:
        wanted = {named.column for named in section.roles.places()}
        content, files, rests_on = section.source.content(place, wanted)
    except Refused as error:
        error.at = error.at or ("source", "path")
        raise
    if isinstance(content, Arrays):
        shown = _shown(files)
        made = arrays_to_dataset(content, section.roles, file=shown, missing=section.missing, units=section.units)
        made = contracted(made, {}, accepted, section.contract, NOTHING)
        return _of_files(made, content, files).with_about(files=dict(rests_on), source=_again(section, content))
    return _of_rows(content, files, section, accepted).with_about(files=dict(rests_on))


def _again(section: Reading, content: Arrays) -> dict[str, Any] | None:
    """How clips that a model is later given are read, and what they must then be."""
    fields = section.source.again()
    return None if fields is None else {"fields": dict(fields), "rate": content.rate, "frame": content.frame}


def _shown(files: Sequence[File]) -> str:
    """The files as an error names them; of very many the first."""
    few = ", ".join(file.shown for file in files[:3]) or "the data"
    return f"{few}, … ({len(files)} files)" if len(files) > 3 else few


def _of_files(data: DataSet, arrays: Arrays, files: Sequence[File]) -> DataSet:
    """The data set whose sequences know their files, where there are several."""
    if arrays.file is None or len(files) < 2:
        return data
    names = pl.Series([file.shown for file in files])
    return replace(data, sequences=data.sequences.with_columns(file=names.gather(arrays.file)))


def _of_rows(frame: pl.DataFrame, files: Sequence[File], section: Reading, accepted: Contract | None) -> DataSet:
    several = len(files) > 1
    table, file = (frame.drop(FILE), frame[FILE]) if several else (frame, files[0].shown)
    columns = columns_held(table, section.roles, file, accepted, section.contract)
    data = frame_to_dataset(
        table,
        section.roles,
        file=file,
        every=None if section.every == "irregular" else section.every,
        made=section.made,
        missing=section.missing,
        units=section.units,
        duplicates=section.duplicates,
        unsorted=section.unsorted,
        zone=section.zone,
        time_format=section.time_format,
        clock=section.clock,
    )
    return contracted(data, types_of(table), accepted, section.contract, columns)


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
    made = made or Made()
    if expected is not None:
        units = {column.name: column.unit for column in expected.columns if column.unit is not None}
        made = Made.model_validate(expected.made)
    table = Table.of(frame, _roles(frame.columns, roles, expected, origin), origin)
    if roles.text is not None:
        about = _about(frame, table, None, None, units=units, missing=missing, repairs={})
        return _with_files(texts_to_dataset(table, about, expected), origin)
    codes, names = keys(table.key, frame.height)
    raw, read = table.values(expected), table.times(expected, zone, time_format, clock or Clock(), codes)
    rows = gathered(raw, codes, None if read is None else read.times, table.key, unsorted)
    official = table.official()
    rows, repairs = _ordered(rows, table, duplicates, unsorted, official)
    repairs.update({} if read is None else read.repairs)
    _refuse_missing(rows, table, missing, expected)
    sequences, static = table.sequences(rows, names, labelled=expected is None), table.static(rows, expected)
    axis = None if read is None else read.axis if made.irregular else _axis(rows, read.axis, every)
    if table.time is not None and axis is not None and axis.every is not None:
        rows, repairs["rows inserted"] = regular(rows, table.time, axis, insert=missing is not None)
    observed = ~np.isnan(rows.raw)
    about = _about(frame, table, read, axis, units=units, missing=missing, repairs=repairs)
    tags = table.tags()
    data = DataSet(
        about=about if tags is None else about.model_copy(update={"tag_words": tags.words}),
        raw=rows.raw,
        offsets=rows.offsets,
        sequences=sequences,
        times=rows.times,
        observed=None if observed.all() else observed,
        static=static,
        official=None if official is None else _carried(official, rows),
        tags=None if tags is None else tags.of_rows(rows.source),
    )
    data = made.columns_of(data).with_about(made=made.model_dump(mode="json", exclude_defaults=True))
    return _with_files(data, origin, rows)


def _roles(columns: Sequence[str], roles: Roles, expected: About | None, origin: Origin) -> Roles:
    if expected is not None:
        return roles_given(columns, roles, expected, origin)
    for place in roles.places():
        if place.column not in columns:
            rule = f"no column has this name ({place.role}): {near(place.column, columns)}"
            raise origin.whole(rule, place.column, ("roles", *place.at))
    return roles


def _ordered(
    rows: Rows, table: Table, duplicates: Duplicates, unsorted: Unsorted, official: Int8[ndarray, " source_rows"] | None
) -> tuple[Rows, dict[str, int]]:
    """Sequences in the order of their times, one row for each; and what was repaired for that."""
    if table.time is None:
        return rows, {"rows moved": moved(rows.source)}
    rows, sorted_ = in_order(rows, table.time, table.key, unsorted)
    rows, dropped = without_duplicates(rows, table.time, table.key, duplicates, official)
    return rows, {"rows moved": sorted_, "duplicate rows": dropped}


def _about(
    frame: pl.DataFrame,
    table: Table,
    read: Read | None,
    axis: TimeAxis | None,
    *,
    units: Mapping[str, str],
    missing: Missing | None,
    repairs: Mapping[str, int],
) -> About:
    roles = table.roles
    return About(
        columns=roles.columns(units),
        static=roles.static,
        tags=roles.tags,
        time=axis,
        roles=roles.model_dump(mode="json", exclude_defaults=True),
        names=roles.names(),
        types=table.types(read),
        words=table.words,
        ignored=tuple(column for column in frame.columns if column not in table.columns),
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


def _refuse_missing(rows: Rows, table: Table, missing: Missing | None, expected: About | None) -> None:
    """Raises `DataError` for the first missing value, where nothing says what becomes of it."""
    if missing is not None:
        return
    wrong = np.isnan(rows.raw)
    if expected is not None and (table.roles.future or expected.made):
        # The horizon: its covariates are known, its targets are what is asked for.
        unknown = len(table.roles.target) + len(table.roles.past)
        wrong[:, :unknown] &= ~_ahead(rows, len(table.roles.target))[:, None]
    for position, column in enumerate(table.value_columns):
        in_table = np.zeros(len(column.values), bool)
        in_table[rows.source[wrong[:, position]]] = True
        remedy = column.remedy(
            spec="complete the data, or say with `missing` what becomes of it",
            rows="complete the rows, or train again with `missing` in the spec's `load`",
        )
        column.refuse_where(in_table, f"a value is missing: {remedy}")


def _ahead(rows: Rows, targets: int) -> Bool[ndarray, " rows"]:
    """The rows after the last one of each sequence that has any target."""
    known = ~np.isnan(rows.raw[:, :targets]).all(axis=1)
    number = np.arange(known.size)
    last = np.maximum.reduceat(np.where(known, number, -1), rows.offsets[:-1])
    return np.asarray(number > last[rows.sequence])


def _carried(of_source: Shaped[ndarray, " source_rows"], rows: Rows) -> Shaped[ndarray, " rows"]:
    """What rows of the table have; an inserted row has what the row before it has."""
    number = np.arange(rows.source.size)
    return np.asarray(of_source[rows.source[np.maximum.accumulate(np.where(rows.source >= 0, number, 0))]])


def _with_files(data: DataSet, origin: Origin, rows: Rows | None = None) -> DataSet:
    """The data set that knows its files: of each sequence, or of each row where sequences run over several.

    Without `rows` every row of the table is a sequence.
    """
    if origin.of_row is None:
        return data
    if rows is None:
        return replace(data, sequences=data.sequences.with_columns(file=pl.Series(origin.files).gather(origin.of_row)))
    of_row = _carried(origin.of_row, rows)
    first = of_row[rows.offsets[:-1]]
    if (of_row != first[rows.sequence]).any():
        return replace(data, file_of_row=of_row)
    return replace(data, sequences=data.sequences.with_columns(file=pl.Series(origin.files).gather(first)))
