"""Windows as a table of start rows: nothing is materialised per window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int64
from numpy import ndarray

from rnnlib.data.data_units import reach
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError, Refused


@dataclass(frozen=True, eq=False)
class Examples:
    """What a model is shown, one line per example: `length` input rows from row `start` on, of one sequence.

    Windows predict the `horizon` rows that follow; whole sequences have a horizon of 0 and a label.
    """

    start: Int64[ndarray, " examples"]
    length: Int64[ndarray, " examples"]
    sequence: Int64[ndarray, " examples"]
    horizon: int = 0

    def __len__(self) -> int:
        return len(self.start)

    @property
    def horizon_start(self) -> Int64[ndarray, " examples"]:
        """The first row of every horizon."""
        rows: Int64[ndarray, " examples"] = self.start + self.length
        return rows

    def where(self, kept: Bool[ndarray, " examples"]) -> Examples:
        """The examples that are marked."""
        return Examples(self.start[kept], self.length[kept], self.sequence[kept], self.horizon)


class Segments(NamedTuple):
    """Runs of rows of one sequence that belong to one part: rows `first` up to, not with, `last`."""

    first: Int64[ndarray, " segments"]
    last: Int64[ndarray, " segments"]
    sequence: Int64[ndarray, " segments"]


def window_starts(data: DataSet, part: PartOf) -> Examples:
    """The windows of a part, by `about.window`: those whose whole horizon lies in the part.

    A context may reach back into earlier parts, never across the start of its sequence. Horizons start at the first
    row of the part that has a whole context before it, and the rows that its differences rest on, then every `stride`
    rows. Windows whose target is wholly missing are left out.
    """
    windows = all_windows(data, part)
    return windows.where(has_truth(data, windows))


def all_windows(data: DataSet, part: PartOf) -> Examples:
    """The windows of a part, those without any observed target included."""
    context, horizon, stride = _window(data)
    first, last, sequence = segments(data, part)
    earliest = np.maximum(first, data.offsets[sequence] + context + reach(data.about.transforms))
    counts = np.maximum((last - horizon - earliest) // stride + 1, 0)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = np.repeat(earliest, counts) + number * stride - context
    return Examples(starts, np.full(len(starts), context), np.repeat(sequence, counts), horizon)


def has_truth(data: DataSet, windows: Examples) -> Bool[ndarray, " examples"]:
    """Which windows have at least one observed target value within their horizon."""
    targets = data.having("target")
    if data.observed is None:
        measured = ~np.isnan(data.raw[:, targets]).all(axis=1)
    else:
        measured = data.observed[:, targets].any(axis=1)
    before = np.concatenate(([0], np.cumsum(measured)))
    known: Bool[ndarray, " examples"] = before[windows.horizon_start + windows.horizon] > before[windows.horizon_start]
    return known


def lacking(data: DataSet, windows: Examples) -> int:
    """How many windows have a horizon in which a `future` value is missing: there models see 0, as anywhere else."""
    missing = np.isnan(data.raw[:, data.having("future")]).any(axis=1)
    before = np.concatenate(([0], np.cumsum(missing)))
    return int((before[windows.horizon_start + windows.horizon] > before[windows.horizon_start]).sum())


def examples_before(
    data: DataSet, horizon_starts: Int64[ndarray, " examples"], context: int, horizon: int, behind: int = 0
) -> Examples:
    """The windows whose horizons start at the given rows; the rows of the horizon need not be observed.

    `behind` is the number of rows before a context that its values rest on. Raises `DataError` where a sequence does
    not hold the whole window.
    """
    if outside := [int(row) for row in horizon_starts if not 0 <= row < data.rows]:
        raise DataError(f"a horizon starts at one of the {data.rows} rows, received row {outside[0]} (counted from 0)")
    sequence = data.sequence_of_row[horizon_starts]
    first, last = data.offsets[sequence], data.offsets[sequence + 1]
    if (short := horizon_starts - first < context + behind).any():
        at = int(np.flatnonzero(short)[0])
        has = int(horizon_starts[at] - first[at])
        key = _key(data, int(sequence[at]))
        rule = f"the model reads {context + behind} rows before what it predicts, series `{key}` has {has}"
        raise DataError(f"{rule}: give it an earlier start")
    if (short := last - horizon_starts < horizon).any():
        at = int(np.flatnonzero(short)[0])
        has = int(last[at] - horizon_starts[at])
        key = _key(data, int(sequence[at]))
        rule = f"the model predicts {horizon} rows, series `{key}` has {has} from there on"
        raise DataError(f"{rule}: append the rows to predict, their target empty")
    starts = horizon_starts - context
    return Examples(starts, np.full(len(starts), context), sequence, horizon)


def segments(data: DataSet, part: PartOf) -> Segments:
    """The runs of a part's rows within each sequence, in order; whole sequences where the data is not split."""
    belongs = data.rows_of(part)
    bounds = np.union1d(data.offsets, np.flatnonzero(np.diff(belongs)) + 1)
    first, last = bounds[:-1], bounds[1:]
    kept = belongs[first]
    first, last = first[kept], last[kept]
    return Segments(first, last, np.searchsorted(data.offsets, first, side="right") - 1)


def _window(data: DataSet) -> tuple[int, int, int]:
    if data.about.window is None:
        raise Refused("a forecaster is shown windows, and the data has none: put `window` between `split` and `train`")
    return data.about.window["context"], data.about.window["horizon"], data.about.window["stride"]


def _key(data: DataSet, sequence: int) -> str:
    return str(data.sequences["key"][sequence])
