"""Times on a regular grid: rows that are missing between others are inserted, or refused."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.about import TimeAxis
from rnnlib.data.origin import SourceColumn
from rnnlib.data.rows import Rows, offsets_of
from rnnlib.data.times.grids import Grid, grid
from rnnlib.data.times.steps import Step
from rnnlib.errors import DataError


def regular(rows: Rows, time: SourceColumn, axis: TimeAxis, *, insert: bool) -> tuple[Rows, int]:
    """Sorted sequences without gaps: rows are inserted as missing where allowed; and how many were.

    Raises `DataError` for the first time off the grid, for the first gap where none may be filled, and where
    more rows would be inserted than twenty times those that there are.
    """
    assert rows.times is not None
    assert axis.every is not None
    span = grid(rows.times, rows.offsets, Step.read(axis.every), axis.zone)
    steps, exact = span.position(rows.times, rows.sequence)
    jump = np.diff(steps, prepend=steps[:1] - 1)
    jump[rows.offsets[:-1]] = 1
    exact &= jump > 0  # where the clocks go back, one day has two rows of one local time
    if not exact.all():
        raise _off_grid(rows, time, axis, int(np.flatnonzero(~exact)[0]))
    if (jump == 1).all():
        return rows, 0
    if not insert:
        raise _gap(rows, time, axis, int(np.flatnonzero(jump > 1)[0]), jump)
    counts = steps[rows.offsets[1:] - 1] + 1
    inserted = int(counts.sum()) - steps.size
    if inserted > 20 * steps.size + 1000:
        worst = int(np.argmax(jump))
        rule = f"filling the gaps would insert {inserted} rows among {steps.size}, most of them before this one"
        raise time.error(f"{rule}: check the times and the step of {axis.every}", int(rows.source[worst]))
    return _spread(rows, steps, offsets_of(counts), span), inserted


def _spread(
    rows: Rows, steps: Int64[ndarray, " rows"], offsets: Int64[ndarray, " sequences_and_one"], span: Grid
) -> Rows:
    """The rows at their steps, with empty ones between."""
    sequence = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))
    at = offsets[rows.sequence] + steps
    raw = np.full((sequence.size, rows.raw.shape[1]), np.nan)
    raw[at] = rows.raw
    source = np.full(sequence.size, -1)
    source[at] = rows.source
    return Rows(raw, offsets, source, span.times(np.arange(sequence.size) - offsets[sequence], sequence))


def _off_grid(rows: Rows, time: SourceColumn, axis: TimeAxis, row: int) -> DataError:
    first = time.shown(int(rows.source[rows.offsets[rows.sequence[row]]]))
    rule = f"times follow each other every {axis.every} from the sequence's first, {first}"
    received = f"received {time.shown(int(rows.source[row]))}, which is between two steps"
    remedy = time.remedy(
        spec="correct it, name another step with `every`, or write `every: irregular` where rows keep their times",
        rows="correct it: the model was trained with this step",
    )
    return time.error(f"{rule}: {received}; {remedy}", int(rows.source[row]))


def _gap(rows: Rows, time: SourceColumn, axis: TimeAxis, row: int, jump: Int64[ndarray, " rows"]) -> DataError:
    source, before = int(rows.source[row]), int(rows.source[row - 1])
    rule = f"times follow each other every {axis.every}: {int(jump[row]) - 1} are missing"
    every = "" if axis.kind == "integer" else f"`every: {axis.every}` and "
    policy = "`missing` (say `{fill: interpolate, at_most: 3}`)"
    remedy = time.remedy(
        spec=f"to insert them as missing values, write {every}{policy}",
        rows=f"complete the rows, or train again with {policy} in the spec's `load`",
    )
    return time.error(f"{rule} between {time.shown(before)} and {time.shown(source)}; {remedy}", source)
