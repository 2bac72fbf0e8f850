"""Normalizers that shift and divide: z = (x − shift) / scale."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.normalizers.base import Fitted
from rnnlib.data.normalizers.grouped import Grouped, of_each
from rnnlib.errors import DataError

SMALLEST_SPREAD = 16 * float(np.finfo(np.float64).eps)
"""A spread below this share of the largest magnitude is rounding, not signal."""


class Affine(Fitted):
    """z = (x − shift) / scale, with one shift and one scale per fit and column."""

    kind: Literal["affine"] = "affine"
    shift: tuple[tuple[float, ...], ...] = Field(description="per series, per column, in data units")
    scale: tuple[tuple[float, ...], ...] = Field(description="per series, per column, in data units; never zero")

    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units; what is too large for a float64 becomes infinite."""
        units: Float64[ndarray, "*cases columns"] = values - of_each(self.shift, group, values)
        with np.errstate(over="ignore"):
            units /= of_each(self.scale, group, values)
        return units

    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units."""
        units: Float64[ndarray, "*cases columns"] = values * of_each(self.scale, group, values)
        units += of_each(self.shift, group, values)
        return units


class Measure(NamedTuple):
    """The shift and the scale of one column of one series, in data units."""

    shift: float
    scale: float


class Scaler(Grouped):
    """A normalizer that shifts and divides; its members say by what."""

    constant: Literal["refuse", "center"] = Field(
        "refuse", description="what to do where the spread is zero: refuse, or shift without dividing"
    )

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
        """One measure per fit and column; raises `DataError` for a column without a value or without spread."""
        blocks = self.blocks(values, group, groups)
        measured = [
            [self._measured(block[:, at], column, name) for at, column in enumerate(columns)] for name, block in blocks
        ]
        return Affine(
            columns=columns,
            groups=self.groups_of(blocks),
            each=self.named,
            shift=tuple(tuple(one.shift for one in row) for row in measured),
            scale=tuple(tuple(one.scale for one in row) for row in measured),
        )

    def _measured(self, values: Float64[ndarray, " rows"], column: str, name: str | None) -> Measure:
        observed, where = self.observed(values, column, name), self.where(name)
        with np.errstate(over="ignore", invalid="ignore"):
            found = self.measure(observed)
        if not np.isfinite(found).all():
            raise DataError(
                f"the spread of {where} is beyond what a float64 holds: scale the column down", column=column
            )
        if found.scale > SMALLEST_SPREAD * np.abs(observed).max():
            return found
        if self.constant == "refuse":
            low, middle, high = np.quantile(observed, (0, 0.5, 1))
            same = "the values lie" if low == high else f"{low:g} to {high:g}, and most values lie"
            rule = f"{where} have no spread to divide by ({same} at {middle:g})"
            raise DataError(f"{rule}: drop the column or write `constant: center`", column=column, at=("constant",))
        return self.centered(observed)
