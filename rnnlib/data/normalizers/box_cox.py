"""The power of Box and Cox, for amounts above zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.normalizers.base import Fitted
from rnnlib.data.normalizers.grouped import of_each
from rnnlib.data.normalizers.power import Line, Power, log_variance, powered, unpowered
from rnnlib.errors import DataError


class BoxCoxPower(Fitted):
    """z = (x^λ − 1) / λ, log x where λ = 0."""

    kind: Literal["box_cox_power"] = "box_cox_power"
    power: tuple[tuple[float, ...], ...] = Field(description="λ, per fit, per column")

    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units; raises `DataError` for a value of 0 or less."""
        for at, column in enumerate(self.columns):
            _refuse(values[..., at], column)
        return powered(np.log(values), of_each(self.power, group, values))

    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units: 0 below the edge −1/λ of a positive λ, infinite above that of a negative one."""
        with np.errstate(over="ignore"):
            units: Float64[ndarray, "*cases columns"] = np.exp(unpowered(values, of_each(self.power, group, values)))
        return units


class BoxCox(Power):
    """z = (x^λ − 1) / λ for values above 0, with the λ that makes the train values most like a normal distribution.

    log L(λ) = −n/2 · log Var(z) + (λ − 1) Σ log x. It scales nothing: put `standard` behind it in a `chain`.

    Source: Box and Cox 1964, "An analysis of transformations".
    """

    kind: Literal["box_cox"] = "box_cox"

    def fit(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> BoxCoxPower:
        """λ per fit and column; raises `DataError` for a value of 0 or less and for a column without spread."""
        power, names = self.powers(values, group, groups, columns)
        return BoxCoxPower(columns=columns, groups=names, each=self.named, power=power)

    def refuse(self, values: Line, column: str) -> None:
        """A value of 0 or less."""
        _refuse(values, column)

    def shaped(self, observed: Float64[ndarray, " seen"], power: float) -> Float64[ndarray, " seen"]:
        """(x^λ − 1) / λ."""
        return powered(np.log(observed), power)

    def log_variance(self, observed: Float64[ndarray, " seen"]) -> Callable[[float], float]:
        """Over the logarithms, which are taken once."""
        logarithms = np.log(observed)
        low, high = float(logarithms.min()), float(logarithms.max())

        def scaled(power: float) -> tuple[Line, float]:
            # x^λ / c^λ has the same logarithm of its variance, but for 2 λ log c, and does not leave float64
            largest = high if power > 0 else low
            return powered(logarithms - largest, power), power * largest

        return lambda power: log_variance(scaled, power)

    def jacobian(self, observed: Float64[ndarray, " seen"]) -> float:
        """Σ log x."""
        return float(np.log(observed).sum())


def _refuse(values: Line, column: str) -> None:
    low = values <= 0
    if low.any():
        rule = f"box_cox takes values above 0, received {float(values[low].min()):g}"
        raise DataError(f"{rule}: use `yeo_johnson`, which takes all, or correct the value", column=column)
