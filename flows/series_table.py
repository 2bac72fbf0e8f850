"""The sequences of a source, the worst of them first: how long, from when to when, how regular, how complete."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.dataset import DataSet
from rnnlib.data.times.frequency import inferred
from rnnlib.data.times.time import shown_times

WORST = 10


class SeriesLine(NamedTuple):
    """One sequence, or all of them together."""

    name: str
    rows: int
    start: str
    end: str
    every: str
    gaps: int
    """Rows that are not there, of a regular series."""
    duplicates: int
    """Rows of the source with the time of another."""
    missing: int
    """Values that are missing, those of gaps among them."""


class SeriesTable(NamedTuple):
    """The worst sequences (most gaps, duplicates, missing values; then the shortest), and the totals."""

    worst: tuple[SeriesLine, ...]
    total: SeriesLine
    flawless: int


def series_table(data: DataSet, duplicates: dict[str, int]) -> SeriesTable | None:
    """The table of a data set; `duplicates` are counted in its source. None for texts, each of which is a row."""
    if not data.rows or any(column.holds == "characters" for column in data.about.columns):
        return None
    starts, keys = data.offsets[:-1], data.sequences["key"]
    given = [at for at, column in enumerate(data.about.columns) if column.name in data.about.types] or [0]
    absent = np.isnan(data.raw[:, given])
    missing = np.add.reduceat(absent.sum(axis=1), starts)
    gaps = np.add.reduceat(absent.all(axis=1), starts, dtype=np.int64) * (data.times is not None)
    again = keys.replace_strict(duplicates, default=0, return_dtype=pl.Int64).to_numpy()
    order = np.lexsort((data.lengths, -(missing + again), -(gaps + again)))[:WORST]
    worst = tuple(
        SeriesLine(
            keys[int(at)] or "–", int(data.lengths[at]), *_span(data, data.offsets[at : at + 2]),
            int(gaps[at]), int(again[at]), int(missing[at]),
        )
        for at in order
    )  # fmt: skip
    whole = _span(data, np.array([0, data.rows]), together=True)
    total = SeriesLine(
        f"all {len(keys):,}", data.rows, *whole, int(gaps.sum()), sum(duplicates.values()), int(missing.sum())
    )
    return SeriesTable(worst, total, int(((gaps == 0) & (again == 0) & (missing == 0)).sum()))


def duplicates_in(frame: pl.DataFrame, time: str, key: str | None) -> dict[str, int]:
    """How many rows of a source's table have the time of another row of their sequence."""
    again = frame.filter(~pl.struct([time, *([key] if key else [])]).is_first_distinct())
    names = again[key].cast(pl.String) if key else pl.Series(["all"] * again.height, dtype=pl.String)
    counts = names.value_counts()
    return dict(zip(counts.to_series(0), counts["count"], strict=True))


def _span(data: DataSet, bounds: Int64[ndarray, " 2"], *, together: bool = False) -> tuple[str, str, str]:
    """The first and the last time between two rows, and the usual step."""
    axis = data.about.time
    if data.times is None or axis is None:
        return "", "", ""
    times = np.asarray(data.times[bounds[0] : bounds[1]])
    first, last = shown_times(np.array([times.min(), times.max()]), axis)
    if data.about.made.get("irregular"):
        every = "irregular"
    else:
        step = None if together else inferred(times, np.array([0, len(times)]), axis)
        every = (axis.every or "") if step is None else str(step)
    return str(first), str(last), every
