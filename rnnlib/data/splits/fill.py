"""Missing values, filled part by part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.missing import Missing, fill_missing
from rnnlib.errors import DataError

Rows = Int64[ndarray, " runs"]


def filled(data: DataSet) -> DataSet:
    """The data set with its missing values filled as `about.missing` says; `observed` still tells what was measured.

    Every row is filled from the rows of its sequence up to the end of its own run of one part: what comes later, in
    the next part, changes nothing before it. Raises `DataError` where the policy refuses what is left.
    """
    if data.about.missing is None or not np.isnan(data.raw).any():
        return data
    policy = Missing.model_validate(data.about.missing)
    raw = np.array(data.raw)
    first, last, sequence = _runs(data)
    # The how-manyth run of its sequence each run is: one pass over the data per rank, seldom more than three.
    rank = np.arange(len(first)) - np.searchsorted(sequence, sequence)
    names = [column.name for column in data.about.columns]
    for number in range(int(rank.max()) + 1):
        chosen = rank == number
        stop = data.offsets[:-1].copy()
        stop[sequence[chosen]] = last[chosen]
        try:
            up_to = fill_missing(
                data.raw,
                data.offsets,
                policy,
                stop,
                columns=names,
                keys=data.sequences["key"].to_list(),
                only=data.measurable,
            )
        except DataError as error:
            error.at = ()  # it points into the section of `load`
            raise
        for begin, end in zip(first[chosen], last[chosen], strict=True):
            raw[begin:end] = up_to[begin:end]
    observed = ~np.isnan(data.raw) if data.observed is None else data.observed
    return replace(data, raw=raw, observed=observed)


def known_by(data: DataSet, part: PartOf) -> DataSet:
    """The data set as it is filled once the rows of `part` are known: a hole at the end of the part before, too.

    `filled` carries the last value on there, for nothing of a later part may change an earlier one. A forecast that
    is made for real knows what came behind the hole, and so does what is scored: the rows before a window are those
    that a prediction would read. Only rows before the part change, and none that was measured.
    """
    if data.about.missing is None or data.part is None or data.observed is None:
        return data
    policy = Missing.model_validate({**data.about.missing, "otherwise": "mask"})
    if not policy.looks_ahead:
        return data
    first, last, sequence = _runs(data)
    runs = np.flatnonzero(data.part[first] == part)
    stop = data.offsets[:-1].copy()
    stop[sequence[runs[::-1]]] = last[runs[::-1]]  # of several runs in one sequence the first
    borders = last[last < stop[sequence]]
    if data.observed[borders - 1][:, data.measurable].all():
        return data
    positions = data.measurable
    raw = np.array(data.raw)
    known = np.where(data.observed[:, positions], raw[:, positions], np.nan)
    before = np.arange(data.rows) < np.repeat(stop, data.lengths)
    raw[np.ix_(np.flatnonzero(before), np.array(positions))] = fill_missing(known, data.offsets, policy, stop)[before]
    return replace(data, raw=raw, normalized=None)


def _runs(data: DataSet) -> tuple[Rows, Rows, Rows]:
    """Runs of rows of one sequence and one part: first row, row after the last, sequence."""
    assert data.part is not None, "runs are of a part"
    bounds = np.union1d(data.offsets, np.flatnonzero(np.diff(data.part)) + 1)
    return bounds[:-1], bounds[1:], np.searchsorted(data.offsets, bounds[:-1], side="right") - 1
