"""Fits of their own for every series, for every group, or one for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.normalizers.base import Each, Normalizer
from rnnlib.errors import DataError

Block = tuple[str | None, Float64[ndarray, "_ columns"]]
"""The rows that one fit rests on, and whose they are; none where they are all there are."""


class Grouped(Normalizer):
    """A normalizer that looks at each column by itself, over what `per` says."""

    per: Literal["series", "group", "all"] = Field(
        "all", description="one fit per series, one per group (`load.roles.group`), or one over all rows"
    )

    @property
    def fits_each(self) -> Each:
        """As `per` says."""
        return self.per

    @property
    def named(self) -> Literal["series", "group"]:
        """What the fitted state's `groups` are."""
        return "group" if self.per == "group" else "series"

    def blocks(
        self, values: Float64[ndarray, "rows columns"], group: Int64[ndarray, " rows"], groups: tuple[str, ...]
    ) -> list[Block]:
        """The rows of each fit."""
        return [(None, values)] if self.per == "all" else list(_by_group(values, group, groups))

    def groups_of(self, blocks: list[Block]) -> tuple[str, ...] | None:
        """What the fitted state calls them; none where one fit serves all."""
        return None if self.per == "all" else tuple(name for name, _ in blocks if name is not None)

    def where(self, name: str | None) -> str:
        """How an error calls the rows of one fit."""
        return "the train rows" if name is None else f"the train rows of {self.per} `{name}`"

    def observed(self, values: Float64[ndarray, " rows"], column: str, name: str | None) -> Float64[ndarray, " some"]:
        """The values that there are; raises `DataError` where there are none."""
        found: Float64[ndarray, " some"] = values[~np.isnan(values)]
        if not found.size:
            rule = f"a normalizer is fitted on observed values, {self.where(name)} have none"
            raise DataError(f"{rule}: drop it", column=column)
        return found


def of_each(
    numbers: tuple[tuple[float, ...], ...], group: Int64[ndarray, " first"], like: Float64[ndarray, "*cases columns"]
) -> Float64[ndarray, "... columns"]:
    """The numbers of each entry's fit, shaped to broadcast against `like`: its first axis, ones, its columns."""
    table: Float64[ndarray, "fits columns"] = np.array(numbers, np.float64)
    found: Float64[ndarray, "... columns"] = table[0] if len(table) == 1 else table[group]
    return found if found.ndim == 1 else found.reshape(len(group), *(1,) * (like.ndim - 2), -1)


def _by_group(
    values: Float64[ndarray, "rows columns"], group: Int64[ndarray, " rows"], groups: tuple[str, ...]
) -> Iterator[Block]:
    order = np.argsort(group, kind="stable")
    present, first = np.unique(group[order], return_index=True)
    for number, rows in zip(present, np.split(order, first[1:]), strict=True):
        yield groups[number], values[rows]
