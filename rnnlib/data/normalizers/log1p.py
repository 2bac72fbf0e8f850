"""The logarithm of counts."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.normalizers.affine import Affine
from rnnlib.data.normalizers.base import Each, Fitted, Normalizer
from rnnlib.data.normalizers.maxabs import MaxAbs
from rnnlib.data.normalizers.minmax import MinMax
from rnnlib.data.normalizers.robust import Robust
from rnnlib.data.normalizers.standard import Standard
from rnnlib.errors import DataError
from rnnlib.part import Family

AnyScaler = Annotated[Standard | MinMax | Robust | MaxAbs, Family("scaler")]


class Logarithm(Fitted):
    """z = log(1 + x), then a shift and a scale where one was fitted."""

    kind: Literal["logarithm"] = "logarithm"
    then: Affine | None = Field(None, description="what was fitted on the logarithms")

    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units; raises `DataError` for a value of -1 or less."""
        logarithms = _log1p(values, self.columns)
        return logarithms if self.then is None else self.then.apply(logarithms, group)

    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units; what is too large for a float64 becomes infinite."""
        logarithms = values if self.then is None else self.then.invert(values, group)
        with np.errstate(over="ignore"):
            units: Float64[ndarray, "*cases columns"] = np.expm1(logarithms)
        return units


class Log1p(Normalizer):
    """The logarithm of counts and other amounts from zero up: z = log(1 + x); `then` scales the logarithms."""

    kind: Literal["log1p"] = "log1p"
    then: AnyScaler | None = Field(None, description="how the logarithms are scaled; not at all where absent")

    @property
    def fits_each(self) -> Each:
        """As the logarithms are scaled."""
        return "all" if self.then is None else self.then.fits_each

    def fit(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> Logarithm:
        """Fits `then` on the logarithms; raises `DataError` for a value of -1 or less."""
        logarithms = _log1p(values, columns)
        if self.then is None:
            return Logarithm(columns=columns)
        fitted = self.then.fit(logarithms, group, groups, columns)
        return Logarithm(columns=columns, groups=fitted.groups, each=fitted.each, then=fitted)


def _log1p(values: Float64[ndarray, "*cases columns"], columns: tuple[str, ...]) -> Float64[ndarray, "*cases columns"]:
    for at, name in enumerate(columns):
        low = values[..., at] <= -1
        if low.any():
            found = float(values[..., at][low].min())
            rule = f"log1p takes values above -1, received {found:g}"
            raise DataError(f"{rule}: use `robust` or `standard`, or correct the value", column=name)
    logarithms: Float64[ndarray, "*cases columns"] = np.log1p(values)
    return logarithms
