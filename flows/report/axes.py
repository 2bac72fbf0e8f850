"""Time along an axis: dates where the data has them, else the number of the row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import MaxNLocator

from rnnlib.data.dataset import DataSet
from rnnlib.data.times.time import shown_times

Array = np.ndarray[Any, Any]


def along(data: DataSet, rows: Array) -> Array:
    """Where these rows of one sequence stand on the axis: local date-times, whole times, or steps from its start."""
    axis = data.about.time
    if data.times is None or axis is None:
        steps: Array = rows - data.offsets[data.sequence_of_row[rows]]
        return steps
    shown = shown_times(np.asarray(data.times)[rows], axis)
    if axis.kind == "integer":
        return shown.to_numpy()
    naive = shown.dt.replace_time_zone(None) if axis.zone is not None else shown
    return naive.to_numpy().astype("datetime64[us]")


def timed(axes: Axes, at: Array, *, ticks: int = 7) -> None:
    """Few and short labels on the time axis; below 7 matplotlib knows spans for which it finds no step."""
    if np.issubdtype(at.dtype, np.datetime64):
        locator = AutoDateLocator(minticks=3, maxticks=ticks)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=ticks))


def thinned(at: Array, values: Array, most: int = 700) -> tuple[Array, Array]:
    """The line's lowest and highest point in each of its stretches, so that no peak is lost; NaN breaks the line."""
    if len(at) <= 2 * most:
        return at, values
    chosen: list[int] = []
    for stretch in np.array_split(np.arange(len(at)), most):
        known = stretch[np.isfinite(values[stretch])]
        ends = [known[values[known].argmin()], known[values[known].argmax()]] if len(known) else [stretch[0]]
        chosen += sorted({int(end) for end in ends})
    return at[chosen], values[chosen]


def runs(marked: Sequence[int] | Array) -> list[tuple[int, int, int]]:
    """Stretches of equal neighbours: (value, first, end)."""
    array = np.asarray(marked)
    if not len(array):
        return []
    bounds = np.concatenate([[0], np.flatnonzero(np.diff(array)) + 1, [len(array)]])
    return [(int(array[first]), int(first), int(end)) for first, end in pairwise(bounds)]
