"""What a normalizer is, and what fitting one gives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.errors import DataError
from rnnlib.part import Part

Each = Literal["series", "group", "all"]
"""What has a fit of its own."""


class Fitted(Part):
    """What `fit` found: a small value that travels with the model as JSON and knows its own inverse."""

    columns: tuple[str, ...] = Field(description="the columns it was fitted on, in order")
    groups: tuple[str, ...] | None = Field(
        None, description="the series or groups it was fitted on; none where one fit serves all"
    )
    each: Literal["series", "group"] = Field("series", description="what `groups` names")

    @property
    def lags(self) -> tuple[int, ...]:
        """How far back each of its differences reaches, in rows; none where every value is for itself."""
        return ()

    @property
    def shortest_lag(self) -> int | None:
        """Up to how many steps ahead every value rests on known ones alone; none where it does however far ahead."""
        return min(self.lags, default=None)

    def group_of(self, keys: Sequence[str | None]) -> Int64[ndarray, " keys"]:
        """The number of each series or group in the fitted state: what `apply` and `invert` take as `group`.

        Raises `DataError` for one that was not among the train rows.
        """
        if self.groups is None:
            return np.zeros(len(keys), np.int64)
        known = {key: number for number, key in enumerate(self.groups)}
        if unseen := [key for key in keys if key not in known]:
            rule = f"a normalizer with `per: {self.each}` knows only those that it was fitted on, and their train rows"
            remedy = "leave its rows out, or train with rows of it or with `per: all`"
            message = f"{rule}: {self.each} `{unseen[0]}` was not among them; {remedy}"
            raise DataError(message, column=self.columns[0])
        return np.array([known[str(key)] for key in keys], np.int64)

    @abstractmethod
    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units; `group` numbers the fitted series of each entry along the first axis.

        Raises `Refused` where a value rests on earlier rows: then `along` is asked.
        """

    @abstractmethod
    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units; raises as `apply` does, `continued` is asked then."""

    def along(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        place: Int64[ndarray, " rows"],  # noqa: ARG002 - of those that look back
    ) -> Float64[ndarray, "rows columns"]:
        """Data units to model units for rows that stand at `place`: rising, a step of one within a sequence alone.

        NaN where a value rests on a row that is not there.
        """
        return self.apply(values, group)

    def continued(
        self,
        values: Float64[ndarray, "case time *more columns"],
        group: Int64[ndarray, " case"],
        before: Float64[ndarray, "case back columns"],  # noqa: ARG002 - of those that look back
    ) -> Float64[ndarray, "case time *more columns"]:
        """Model units to data units for values that go on where `before` ends: its rows are in data units."""
        return self.invert(values, group)


class Normalizer(Part):
    """Fits on the observed train rows, once; the result is a value."""

    @property
    @abstractmethod
    def fits_each(self) -> Each:
        """What has a fit of its own: a series or group without train rows cannot be brought to its scale."""

    @property
    def looks_back(self) -> bool:
        """Whether a value in model units rests on earlier rows."""
        return False

    @abstractmethod
    def fit(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> Fitted:
        """The state over `values` (NaN where missing); row r belongs to the series `groups[group[r]]`.

        Raises `DataError` that names the column (and the series) that cannot be fitted.
        """

    def fit_along(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
        place: Int64[ndarray, " rows"],  # noqa: ARG002 - of those that look back
    ) -> Fitted:
        """As `fit`, for rows that stand at `place` (see `Fitted.along`)."""
        return self.fit(values, group, groups, columns)
