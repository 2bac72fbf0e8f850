"""The step that times have by themselves, and the times that come after them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.about import TimeAxis
from rnnlib.data.times.grids import Offsets, Rows, grid
from rnnlib.data.times.steps import DAY, Step

_CLOCKS_CHANGE = 3_600_000_000
"""By how much clocks go forward and back, mostly: a day lasts so much less or more."""


def inferred(times: Rows, offsets: Offsets, axis: TimeAxis) -> Step | None:
    """The most frequent step of sorted sequences (of equals, the smallest); none where no sequence has two rows.

    From 28 days on, months are tried too, and in a zone, whose days have 23 to 25 hours, days: they are taken where at
    least as many rows stand on their grid.
    """
    gaps = _within(np.diff(times), offsets)
    if gaps.size == 0:
        return None
    lengths, counts = np.unique(gaps, return_counts=True)
    usual = int(lengths[np.argmax(counts)])
    candidates = [Step.fixed(usual, axis.kind)]
    if axis.kind != "integer" and usual >= 28 * DAY:
        months = max(1, round(usual / (30.44 * DAY)))
        candidates.append(Step(months // 12, "y") if months % 12 == 0 else Step(months, "mo"))
    if axis.zone is not None and usual % DAY and abs(usual - round(usual / DAY) * DAY) <= _CLOCKS_CHANGE < usual:
        candidates.append(Step(round(usual / DAY), "d"))
    sequence = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))

    def fitting(step: Step) -> int:
        return int(grid(times, offsets, step, axis.zone).position(times, sequence).exact.sum())

    return max(reversed(candidates), key=fitting) if len(candidates) > 1 else candidates[0]


def following(times: Rows, offsets: Offsets, steps: int, axis: TimeAxis) -> Int64[ndarray, "sequences steps"]:
    """The next `steps` times after the last row of every sequence, on its grid. The axis must have a step."""
    assert axis.every is not None, "a step is needed to continue the times"
    count = offsets.size - 1
    span = grid(times, offsets, Step.read(axis.every), axis.zone)
    last = span.position(times[offsets[1:] - 1], np.arange(count)).steps
    ahead = last[:, None] + np.arange(1, steps + 1)
    return span.times(ahead.reshape(-1), np.repeat(np.arange(count), steps)).reshape(count, steps)


def _within(gaps: Int64[ndarray, " gaps"], offsets: Offsets) -> Int64[ndarray, " gaps_kept"]:
    inside = np.ones(gaps.size, bool)
    inside[offsets[1:-1] - 1] = False
    return gaps[inside]
