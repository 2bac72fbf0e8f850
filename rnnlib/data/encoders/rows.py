"""Data sets whose rows are replaced: each new row comes from an old one, and keeps its part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from rnnlib.data.about import Column
from rnnlib.data.dataset import DataSet
from rnnlib.data.rows import offsets_of
from rnnlib.errors import Refused


def with_rows(
    data: DataSet,
    raw: Float64[ndarray, "rows columns"],
    lengths: Int64[ndarray, " sequences"],
    source: Int64[ndarray, " rows"],
    columns: Sequence[Column],
    *,
    words: Mapping[str, tuple[str, ...]] | None = None,
) -> DataSet:
    """`data` with other rows: `lengths` of each sequence, and for each row the old one that it stands for.

    Its part, tags, time and file are those of that row. `words` are what tokens stand for, where that changes.
    """
    observed = ~np.isnan(raw)
    return replace(
        data.with_about(columns=tuple(columns), words=data.about.words if words is None else words),
        raw=raw,
        offsets=offsets_of(lengths),
        times=None if data.times is None else data.times[source],
        observed=None if observed.all() else observed,
        part=None if data.part is None else data.part[source],
        normalized=None,
        official=None if data.official is None else data.official[source],
        file_of_row=None if data.file_of_row is None else data.file_of_row[source],
        tags=None if data.tags is None else data.tags[source],
    )


def bounds_of(data: DataSet) -> Int64[ndarray, " runs_and_one"]:
    """Where sequences begin, and where a part of the data begins within one: nothing may be made of rows of two."""
    if data.part is None:
        return data.offsets
    changes = np.flatnonzero(np.diff(data.part)) + 1
    return np.union1d(data.offsets, changes).astype(np.int64)


def holding(data: DataSet, holds: str, what: str) -> list[int]:
    """The positions of the columns that hold this; raises `Refused` where there is none."""
    found = [place for place, column in enumerate(data.about.columns) if column.holds == holds]
    if not found:
        has = ", ".join(sorted({f"{column.name} ({column.holds})" for column in data.about.columns[:10]}))
        raise Refused(f"{what}, and no column holds {holds}: received {has}; leave this out, or name the column's role")
    return found
