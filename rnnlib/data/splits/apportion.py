"""Whole sequences shared out at random: the sizes exact, every class in every part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.errors import DataError

Numbers = Int64[ndarray, " _"]


def at_random(count: int, sizes: Sequence[int], draw: np.random.Generator) -> list[Numbers]:
    """Numbers below `count`, drawn without return: as many for each part as `sizes` says."""
    shuffled = draw.permutation(count)
    return [np.sort(part) for part in np.split(shuffled, np.cumsum(sizes))[: len(sizes)]]


def by_class(labels: pl.Series, sizes: Sequence[int], draw: np.random.Generator) -> list[Numbers]:
    """As `at_random`, with each class shared out in the proportion of the sizes, at least one to every part.

    Raises `DataError` for a class with fewer members than parts, and for a part with fewer places than classes.
    """
    classes = labels.unique().sort()
    members = [draw.permutation(np.flatnonzero((labels == one).to_numpy())) for one in classes]
    _refuse_small([str(one) for one in classes], [len(member) for member in members], sizes)
    table = apportioned([len(member) for member in members], sizes)
    shares = [np.split(member, np.cumsum(row))[: len(sizes)] for member, row in zip(members, table, strict=True)]
    return [np.sort(np.concatenate(part)) for part in zip(*shares, strict=True)]


def apportioned(members: Sequence[int], sizes: Sequence[int]) -> Int64[ndarray, "classes parts"]:
    """How many of each class go to each part: as near to proportional as whole numbers are, none of them zero.

    Parts get exactly their sizes (0: nothing at all). What the sizes leave over is a part of its own while sharing out.
    """
    columns = np.array([*sizes, sum(members) - sum(sizes)], np.int64)
    wanted = np.outer(members, columns) / sum(members)
    least = (columns > 0).astype(np.int64)
    least[-1] = 0
    # So far below what is wanted that no class and no part can be overdrawn by the ones that it gets at least.
    table: Int64[ndarray, "classes parts"] = np.maximum(least, np.floor(wanted).astype(np.int64) - max(wanted.shape))
    rows_left, columns_left = np.array(members) - table.sum(1), columns - table.sum(0)
    for _ in range(int(rows_left.sum())):
        open_cells = (rows_left > 0)[:, None] & (columns_left > 0)
        at = np.unravel_index(np.argmax(np.where(open_cells, wanted - table, -np.inf)), table.shape)
        table[at] += 1
        rows_left[at[0]] -= 1
        columns_left[at[1]] -= 1
    return table[:, :-1]


def _refuse_small(classes: list[str], members: list[int], sizes: Sequence[int]) -> None:
    used = [size for size in sizes if size]
    if len(classes) < 2:
        raise DataError(
            f"stratifying needs at least two classes, the labels have {len(classes)}: leave it out", at=("stratify",)
        )
    for name, has in zip(classes, members, strict=True):
        if has < len(used):
            rule = f"each of the {len(used)} parts needs a member of every class, and `{name}` has {has}"
            raise DataError(f"{rule}: add sequences of it or take it out", at=("stratify",))
    if min(used) < len(classes):
        rule = f"each part needs a member of each of the {len(classes)} classes, and the smallest holds {min(used)}"
        raise DataError(f"{rule}: take more, or leave `stratify` out", at=("stratify",))
