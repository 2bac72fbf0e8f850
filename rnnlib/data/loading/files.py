"""The files of a section `load` become a data set, held against the contract of an earlier load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from rnnlib.data.arrays import Arrays
from rnnlib.data.contract.contracted import NOTHING, columns_held, contracted, types_of
from rnnlib.data.dataset import DataSet
from rnnlib.data.loading.from_arrays import arrays_to_dataset
from rnnlib.data.loading.from_tables import frame_to_dataset
from rnnlib.data.loading.reading import Reading
from rnnlib.data.seen import Contract
from rnnlib.data.sources import FILE
from rnnlib.data.tables.header import refuse_unseparated
from rnnlib.errors import DataError, Refused
from rnnlib.place import File, Place


def load(
    section: Reading, place: Place, accepted: Contract | None = None, as_of: Mapping[str, str] | None = None
) -> DataSet:
    """The files of a section as a data set, held against the `accepted` contract where there is one.

    `as_of` is what the source rested on when it was last asked: rows of a database that came since are left out.
    Raises `DataError` for what is wrong with them, and where they are not any more what they were then.
    """
    source = section.source
    try:
        wanted = {named.column for named in section.roles.places()}
        found = source.content(place, wanted) if as_of is None else source.content_as_of(place, wanted, as_of)
        _refuse_changed(as_of, found.rests_on)
        content, files, rests_on = found
    except Refused as error:
        error.at = error.at or ("source", "path")
        raise
    if isinstance(content, Arrays):
        shown = _shown(files)
        made = arrays_to_dataset(content, section.roles, file=shown, missing=section.missing, units=section.units)
        made = contracted(made, {}, accepted, section.contract, NOTHING)
        return _of_files(made, content, files).with_about(files=dict(rests_on), source=_again(section, content))
    made = _of_rows(content, files, section, accepted)
    return made.with_about(files=dict(rests_on), source=_again(section, content))


def _refuse_changed(before: Mapping[str, str] | None, now: Mapping[str, str]) -> None:
    if before is None or before == now:
        return
    changed = next(name for name in sorted({*before, *now}) if before.get(name) != now.get(name))
    rule = "what a step rests on must stay as it is while it is read, and this changed"
    raise DataError(f"{rule}: run it again once it is written", file=changed, at=("source", "path"))


def _again(section: Reading, content: Arrays | pl.DataFrame) -> dict[str, Any] | None:
    """How files that a model is later given are read, and what the clips in them must then be."""
    fields = section.source.again()
    clips = {"rate": content.rate, "frame": content.frame} if isinstance(content, Arrays) else {}
    return None if fields is None else {"fields": dict(fields), "rate": None, "frame": None, **clips}


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
    needed = {place.column for place in section.roles.places()}
    refuse_unseparated(table.columns, needed, files[0].shown)
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
