"""The power of Yeo and Johnson, for values of both signs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.normalizers.base import Fitted
from rnnlib.data.normalizers.grouped import of_each
from rnnlib.data.normalizers.power import TINY, Line, Power, log_variance, powered, unpowered


class YeoJohnsonPower(Fitted):
    """z = ((1 + x)^λ − 1) / λ from 0 up, −((1 − x)^{2 − λ} − 1) / (2 − λ) below."""

    kind: Literal["yeo_johnson_power"] = "yeo_johnson_power"
    power: tuple[tuple[float, ...], ...] = Field(description="λ, per fit, per column")

    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units."""
        return _shaped(values, of_each(self.power, group, values))

    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units; infinite beyond the edges −1/λ of a negative λ and 1/(2 − λ) of one above 2."""
        of_sign, sign = _of_sign(of_each(self.power, group, values), values)
        with np.errstate(over="ignore"):
            units: Float64[ndarray, "*cases columns"] = sign * np.expm1(unpowered(np.abs(values), of_sign))
        return units


class YeoJohnson(Power):
    """Box and Cox's power of 1 + |x|, mirrored below 0: λ above 0, 2 − λ below.

    log L(λ) = −n/2 · log Var(z) + (λ − 1) Σ sign(x) log(1 + |x|). It scales nothing: put `standard` behind it in a
    `chain`.

    Source: Yeo and Johnson 2000, "A new family of power transformations to improve normality or symmetry".
    """

    kind: Literal["yeo_johnson"] = "yeo_johnson"

    def fit(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> YeoJohnsonPower:
        """λ per fit and column; raises `DataError` for a column without spread."""
        power, names = self.powers(values, group, groups, columns)
        return YeoJohnsonPower(columns=columns, groups=names, each=self.named, power=power)

    def refuse(self, values: Line, column: str) -> None:
        """Every number has its power."""

    def shaped(self, observed: Float64[ndarray, " seen"], power: float) -> Float64[ndarray, " seen"]:
        """((1 + x)^λ − 1) / λ, mirrored below 0."""
        return _shaped(observed, np.float64(power))

    def log_variance(self, observed: Float64[ndarray, " seen"]) -> Callable[[float], float]:
        """Over the logarithms, which are taken once."""
        logarithms, below = np.log1p(np.abs(observed)), observed < 0
        low, high = float(logarithms.min()), float(logarithms.max())
        one_sided = bool(below.all() or not below.any())

        def scaled(power: float) -> tuple[Line, float]:
            of_sign = np.where(below, 2 - power, power)
            if one_sided:  # as Box and Cox's: it does not leave float64, nor lose a spread that is far from 0
                largest = high if of_sign[0] > 0 else low
                return powered(logarithms - largest, of_sign), float(of_sign[0]) * largest
            exponents = of_sign * logarithms
            largest = max(float(exponents.max()), 0.0)
            return np.where(below, -1.0, 1.0) * _powered(logarithms, of_sign, exponents, largest), largest

        return lambda power: log_variance(scaled, power)

    def jacobian(self, observed: Float64[ndarray, " seen"]) -> float:
        """Σ sign(x) log(1 + |x|)."""
        return float((np.sign(observed) * np.log1p(np.abs(observed))).sum())


def _shaped(values: Line, power: Float64[ndarray, ...] | np.float64) -> Line:
    of_sign, sign = _of_sign(power, values)
    shaped: Line = sign * powered(np.log1p(np.abs(values)), of_sign)
    return shaped


def _powered(logarithms: Line, power: Line, exponents: Line, largest: float) -> Line:
    """(e^{λ l} − 1) / (λ e^m), without leaving float64."""
    with np.errstate(divide="ignore", invalid="ignore"):
        small = np.expm1(np.minimum(exponents, 1)) * np.exp(-largest)
        raised = np.where(exponents > 1, np.exp(exponents - largest) - np.exp(-largest), small)
        made: Line = np.where(np.abs(power) < TINY, logarithms * np.exp(-largest), raised / power)
    return made


def _of_sign(power: Float64[ndarray, ...] | np.float64, values: Line) -> tuple[Line, Line]:
    """The power that holds for each value, and its sign."""
    below = values < 0
    return np.where(below, 2 - power, power), np.where(below, -1.0, 1.0)
