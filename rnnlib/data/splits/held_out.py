"""A validation part taken out of the train part of an official split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Int8
from numpy import ndarray

from rnnlib.data.batching.windows import segments
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.splits.cut import Asked, cut
from rnnlib.data.splits.drawn import draw, part_sizes
from rnnlib.errors import Refused
from rnnlib.quantities import Duration, Percent


def held_out(
    data: DataSet,
    part: Int8[ndarray, " rows"],
    amount: Duration | Percent | float | int,
    *,
    stratify: bool,
    seed: int,
) -> Int8[ndarray, " rows"]:
    """`part` with some of its train rows as validation: the last rows of series, whole sequences at random.

    Raises `Refused` where there is a validation part already, or where the amount does not fit the data.
    """
    if (part == PartOf.validation).any():
        rule = (
            f"a share of train is held out where there is no validation part yet, and there is one: received `{amount}`"
        )
        raise Refused(f"{rule}; leave it out", at=("validation",))
    if data.having("target"):
        return _last_rows(data, part, amount, stratify)
    if isinstance(amount, Duration):
        rule = f"whole sequences are held out by a share or a count, received `{amount}`"
        raise Refused(f"{rule}: write `20%` or a number of sequences", at=("validation",))
    train = np.flatnonzero((part == PartOf.train)[data.offsets[:-1]])
    size = part_sizes(len(train), {PartOf.validation: amount})
    chosen = draw(data, train, size, stratify, seed)[PartOf.validation]
    return np.where(np.isin(data.sequence_of_row, chosen), PartOf.validation, part).astype(np.int8)


def _last_rows(
    data: DataSet, part: Int8[ndarray, " rows"], amount: Duration | Percent | float | int, stratify: bool
) -> Int8[ndarray, " rows"]:
    if stratify:
        rule = "series are held out by their last rows, so there is nothing to stratify"
        raise Refused(f"{rule}: leave `stratify` out", at=("stratify",))
    train = segments(replace(data, part=part), PartOf.train)
    out = part.copy()
    start = cut(data, train, train.last, Asked(PartOf.validation, amount))
    for first, last in zip(start, train.last, strict=True):
        out[first:last] = PartOf.validation
    return out
