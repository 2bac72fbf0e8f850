"""Normalizers that shift and divide: z = (x − shift) / scale."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.normalizers.base import Fitted, Normalizer
from rnnlib.errors import DataError

SMALLEST_SPREAD = 16 * float(np.finfo(np.float64).eps)
"""A spread below this share of the largest magnitude is rounding, not signal."""


class Affine(Fitted):
    """z = (x − shift) / scale, with one shift and one scale per series and column."""

    kind: Literal["affine"] = "affine"
    shift: tuple[tuple[float, ...], ...] = Field(description="per series, per column, in data units")
    scale: tuple[tuple[float, ...], ...] = Field(description="per series, per column, in data units; never zero")

    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units; what is too large for a float64 becomes infinite."""
        units: Float64[ndarray, "*cases columns"] = values - _along(self.shift, group, values)
        with np.errstate(over="ignore"):
            units /= _along(self.scale, group, values)
        return units

    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units."""
        units: Float64[ndarray, "*cases columns"] = values * _along(self.scale, group, values)
        units += _along(self.shift, group, values)
        return units


class Measure(NamedTuple):
    """The shift and the scale of one column of one series, in data units."""

    shift: float
    scale: float


class Scaler(Normalizer):
    """A normalizer that shifts and divides; its members say by what."""

    per: Literal["series", "all"] = Field("all", description="one fit per series, or one over all rows")
    constant: Literal["refuse", "center"] = Field(
        "refuse", description="what to do where the spread is zero: refuse, or shift without dividing"
    )

    @property
    def by_series(self) -> bool:
        """Whether `per` is `series`."""
        return self.per == "series"

    @abstractmethod
    def measure(self, observed: Float64[ndarray, " observed"]) -> Measure:
        """The shift and the scale over the observed values of one column, at least one."""

    @abstractmethod
    def centered(self, observed: Float64[ndarray, " observed"]) -> Measure:
        """What `constant: center` uses where the spread is zero."""

    def fit(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> Affine:
        """One measure per series and column; raises `DataError` for a column without a value or without spread."""
        blocks = list(_by_series(values, group, groups)) if self.by_series else [(None, values)]
        measured = [
            [self._measured(block[:, at], name, series) for at, name in enumerate(columns)] for series, block in blocks
        ]
        return Affine(
            columns=columns,
            groups=tuple(series for series, _ in blocks if series is not None) if self.by_series else None,
            shift=tuple(tuple(one.shift for one in row) for row in measured),
            scale=tuple(tuple(one.scale for one in row) for row in measured),
        )

    def _measured(self, values: Float64[ndarray, " rows"], column: str, series: str | None) -> Measure:
        observed = values[~np.isnan(values)]
        where = "the train rows" if series is None else f"the train rows of series `{series}`"
        if not observed.size:
            raise DataError(f"a normalizer is fitted on observed values, {where} have none: drop it", column=column)
        with np.errstate(over="ignore", invalid="ignore"):
            found = self.measure(observed)
        if not np.isfinite(found).all():
            raise DataError(
                f"the spread of {where} is beyond what a float64 holds: scale the column down", column=column
            )
        if found.scale > SMALLEST_SPREAD * np.abs(observed).max():
            return found
        if self.constant == "refuse":
            rule = f"{where} have no spread to divide by (the values lie at {observed[0]:g})"
            raise DataError(f"{rule}: drop the column or write `constant: center`", column=column, at=("constant",))
        return self.centered(observed)


def _by_series(
    values: Float64[ndarray, "rows columns"], group: Int64[ndarray, " rows"], groups: tuple[str, ...]
) -> Iterator[tuple[str, Float64[ndarray, "rows columns"]]]:
    order = np.argsort(group, kind="stable")
    present, first = np.unique(group[order], return_index=True)
    for number, rows in zip(present, np.split(order, first[1:]), strict=True):
        yield groups[number], values[rows]


def _along(
    numbers: tuple[tuple[float, ...], ...], group: Int64[ndarray, " first"], like: Float64[ndarray, "*cases columns"]
) -> Float64[ndarray, "... columns"]:
    """The numbers of each entry's series, shaped to broadcast against `like`: its first axis, ones, its columns."""
    table: Float64[ndarray, "series columns"] = np.array(numbers, np.float64)
    of_each: Float64[ndarray, "... columns"] = table[0] if len(table) == 1 else table[group]
    return of_each if of_each.ndim == 1 else of_each.reshape(len(group), *(1,) * (like.ndim - 2), -1)
