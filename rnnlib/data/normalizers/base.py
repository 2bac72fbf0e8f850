"""What a normalizer is, and what fitting one gives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.errors import DataError
from rnnlib.part import Part


class Fitted(Part):
    """What `fit` found: a small value that travels with the model as JSON and knows its own inverse."""

    columns: tuple[str, ...] = Field(description="the columns it was fitted on, in order")
    groups: tuple[str, ...] | None = Field(
        None, description="the series it was fitted on; none where one fit serves all"
    )

    def group_of(self, keys: Sequence[str]) -> Int64[ndarray, " keys"]:
        """The number of each series in the fitted state: what `apply` and `invert` take as `group`.

        Raises `DataError` for a series that was not among the train rows.
        """
        if self.groups is None:
            return np.zeros(len(keys), np.int64)
        known = {key: number for number, key in enumerate(self.groups)}
        if unseen := next((key for key in keys if key not in known), None):
            rule = "a normalizer with `per: series` knows only the series that it was fitted on, and their train rows"
            remedy = "leave its rows out, or train with rows of it or with `per: all`"
            raise DataError(f"{rule}: series `{unseen}` was not among them; {remedy}", column=self.columns[0])
        return np.array([known[key] for key in keys], np.int64)

    @abstractmethod
    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units; `group` numbers the fitted series of each entry along the first axis."""

    @abstractmethod
    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units."""


class Normalizer(Part):
    """Fits on the observed train rows, once; the result is a value."""

    @property
    @abstractmethod
    def by_series(self) -> bool:
        """Whether every series has a fit of its own: then it cannot be applied to a series without train rows."""

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
