"""What has changed since an earlier row."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.normalizers.base import Each, Fitted, Normalizer
from rnnlib.errors import Refused


class Differences(Fitted):
    """z_t = x_t − x_{t−lag}; x_t = z_t + x_{t−lag}, one step after the other."""

    kind: Literal["differences"] = "differences"
    lag: int = Field(ge=1, description="how many rows back")

    @property
    def lags(self) -> tuple[int, ...]:
        """The one."""
        return (self.lag,)

    def apply(
        self,
        values: Float64[ndarray, "*cases columns"],  # noqa: ARG002 - refused
        group: Int64[ndarray, " first"],  # noqa: ARG002
    ) -> Float64[ndarray, "*cases columns"]:
        """Refused: a value alone has no difference."""
        raise Refused(_alone(self.columns))

    def invert(
        self,
        values: Float64[ndarray, "*cases columns"],  # noqa: ARG002 - refused
        group: Int64[ndarray, " first"],  # noqa: ARG002
    ) -> Float64[ndarray, "*cases columns"]:
        """Refused: a difference alone has no value."""
        raise Refused(_alone(self.columns))

    def along(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],  # noqa: ARG002 - nothing was fitted
        place: Int64[ndarray, " rows"],
    ) -> Float64[ndarray, "rows columns"]:
        """The differences; NaN in the first rows of a sequence."""
        made = np.full_like(values, np.nan)
        if bool((np.diff(place) == 1).all()):
            made[self.lag :] = values[self.lag :] - values[: -self.lag]
            return made
        earlier = np.minimum(np.searchsorted(place, place - self.lag), len(place) - 1)
        there = place[earlier] == place - self.lag
        made[there] = values[there] - values[earlier[there]]
        return made

    def continued(
        self,
        values: Float64[ndarray, "case time *more columns"],
        group: Int64[ndarray, " case"],  # noqa: ARG002 - nothing was fitted
        before: Float64[ndarray, "case back columns"],
    ) -> Float64[ndarray, "case time *more columns"]:
        """Each phase of the lag is cumulated by itself, from the last value of that phase on."""
        known = before[:, before.shape[1] - self.lag :]
        known = known.reshape(*known.shape[:2], *(1,) * (values.ndim - 3), known.shape[-1])
        made = np.array(values)
        for step in range(values.shape[1]):
            made[:, step] += known[:, step] if step < self.lag else made[:, step - self.lag]
        return made


class Differencing(Normalizer):
    """Changes since an earlier row. Nothing is scaled: put `standard` behind it in a `chain`."""

    @property
    @abstractmethod
    def rows_back(self) -> int:
        """How many rows lie between the two whose difference is taken."""

    @property
    def fits_each(self) -> Each:
        """There is nothing to fit."""
        return "all"

    @property
    def looks_back(self) -> bool:
        """By `rows_back` rows."""
        return True

    def fit(
        self,
        values: Float64[ndarray, "rows columns"],  # noqa: ARG002 - there is nothing to fit
        group: Int64[ndarray, " rows"],  # noqa: ARG002
        groups: tuple[str, ...],  # noqa: ARG002
        columns: tuple[str, ...],
    ) -> Differences:
        """The lag is all there is."""
        return Differences(columns=columns, lag=self.rows_back)


class Difference(Differencing):
    """The change since the row before: z_t = x_t − x_{t−1}.

    A level that wanders is gone. Forecasts are cumulated from the last known value of their window. Nothing is scaled:
    put `standard` behind it in a `chain`.

    Source: Box and Jenkins 1970, "Time series analysis: forecasting and control".
    """

    kind: Literal["difference"] = "difference"

    @property
    def rows_back(self) -> int:
        """The row before."""
        return 1


class SeasonalDifference(Differencing):
    """The change since the same row of the season before: z_t = x_t − x_{t−lag}.

    A season that repeats is gone, and so is the level. Up to `lag` steps ahead a forecast rests on known values alone.
    Nothing is scaled: put `standard` behind it in a `chain`.

    Source: Box and Jenkins 1970, "Time series analysis: forecasting and control".
    """

    kind: Literal["seasonal_difference"] = "seasonal_difference"
    lag: int = Field(ge=2, le=100_000, description="the length of the season, in rows")

    @property
    def rows_back(self) -> int:
        """A season."""
        return self.lag


def _alone(columns: tuple[str, ...]) -> str:
    rule = f"the differences of `{columns[0]}` rest on earlier rows, and here every value stands alone"
    return f"{rule}: take `difference` and `seasonal_difference` out of `normalize`, or use what reads whole series"
