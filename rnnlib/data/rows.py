"""Rows on their way into sequences: gathered and sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64, Shaped
from numpy import ndarray

from rnnlib.data.origin import SourceColumn

Unsorted = Literal["refuse", "sort"]


@dataclass(frozen=True)
class Rows:
    """Rows of sequences, one sequence after another; `source` is the row in the table, -1 for an inserted one."""

    raw: Float64[ndarray, "rows columns"]
    offsets: Int64[ndarray, " sequences_and_one"]
    source: Int64[ndarray, " rows"]
    times: Int64[ndarray, " rows"] | None = None

    @property
    def sequence(self) -> Int64[ndarray, " rows"]:
        """The number of each row's sequence."""
        return np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets))

    def take(self, chosen: Int64[ndarray, " chosen"] | Bool[ndarray, " rows"]) -> Rows:
        """Some of the rows, in an order that keeps sequences together."""
        counts = np.bincount(self.sequence[chosen], minlength=self.offsets.size - 1)
        times = None if self.times is None else self.times[chosen]
        return Rows(self.raw[chosen], offsets_of(counts), self.source[chosen], times)

    @property
    def gaps(self) -> Int64[ndarray, " rows"]:
        """The time since the row before; for the first row of a sequence the largest number there is."""
        assert self.times is not None, "rows without times have no gaps"
        out = np.diff(self.times, prepend=self.times[:1])
        out[self.offsets[:-1]] = np.iinfo(np.int64).max
        return out

    def carried(self, of_source: Shaped[ndarray, " source_rows"]) -> Shaped[ndarray, " rows"]:
        """What rows of the table have; an inserted row has what the row before it has."""
        number = np.arange(self.source.size)
        return np.asarray(of_source[self.source[np.maximum.accumulate(np.where(self.source >= 0, number, 0))]])


def gathered(
    raw: Float64[ndarray, "rows columns"],
    codes: Int64[ndarray, " rows"],
    times: Int64[ndarray, " rows"] | None,
    key: SourceColumn | None,
    unsorted: Unsorted,
) -> Rows:
    """The rows of each sequence together, in the order of the table.

    Raises `DataError` where they do not stand together, nothing says their order, and sorting is not allowed.
    """
    offsets = offsets_of(np.bincount(codes))
    apart = np.flatnonzero(np.diff(codes) < 0)
    if apart.size == 0:
        return Rows(raw, offsets, np.arange(codes.size), times)
    if times is None and unsorted == "refuse" and key is not None:
        again = int(apart[0]) + 1
        rule = f"the rows of one sequence stand together: {key.shown(again)} comes again after others"
        spec = "name a `time` column, or allow it with `unsorted: sort`"
        raise key.error(f"{rule}; {key.remedy(spec=spec, rows='put them together')}", again)
    order = np.argsort(codes, kind="stable")
    return Rows(raw[order], offsets, order, None if times is None else times[order])


def in_order(rows: Rows, time: SourceColumn, key: SourceColumn | None, unsorted: Unsorted) -> tuple[Rows, int]:
    """Sequences sorted by time, and how many rows that moved; raises `DataError` where it is not allowed."""
    assert rows.times is not None, "only rows with times can be sorted by them"
    back = np.flatnonzero(rows.gaps < 0)
    if back.size == 0:
        return rows, 0
    if unsorted == "refuse":
        row = int(rows.source[back[0]])
        rule = (
            f"times go forward within a sequence: {time.shown(row)} follows {time.shown(int(rows.source[back[0] - 1]))}"
        )
        spec = "sort the rows, or let it be done with `unsorted: sort`"
        if key is None and rows.times[back[0]] in rows.times[: back[0]]:
            spec = f"where times start again, name the column that tells the series apart as `series`; else {spec}"
        raise time.error(f"{rule}; {time.remedy(spec=spec, rows='sort the rows')}", row)
    order = np.lexsort((rows.times, rows.sequence))
    return rows.take(order), moved(order)


def moved(order: Int64[ndarray, " rows"]) -> int:
    """How many rows stand in another place than before."""
    return int((order != np.arange(order.size)).sum())


def offsets_of(lengths: Int64[ndarray, " sequences"]) -> Int64[ndarray, " sequences_and_one"]:
    """Where sequences of these lengths start, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
