"""Powers that make a column's distribution as normal as they can, with the power that is most likely."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.normalizers.affine import SMALLEST_SPREAD
from rnnlib.data.normalizers.grouped import Grouped
from rnnlib.errors import DataError

LARGEST_POWER = 20.0
"""λ is looked for between −20 and 20: beyond, a column is constant but for a few values."""

TINY = 1e-12
"""A λ this close to 0 is the logarithm, to the last bit that a float64 has."""

LEAST_GAIN = 1e-6
"""Of log-likelihood, over all values: where a power gains less, the values do not tell it from 1."""

COARSEST = 1e-10
"""A spread in model units below this share of their largest magnitude: an inverse would miss the sixth digit."""

Line = Float64[ndarray, "*values"]


def powered(logarithm: Line, power: Float64[ndarray, ...] | float) -> Line:
    """(e^{λ l} − 1) / λ, and l where λ is 0."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        made: Line = np.where(np.abs(power) < TINY, logarithm, np.expm1(power * logarithm) / power)
    return made


def unpowered(z: Line, power: Float64[ndarray, ...] | float) -> Line:
    """log(1 + λ z) / λ; beyond the edge −1/λ, which no value reaches, the edge's own −∞ or +∞."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        made: Line = np.where(np.abs(power) < TINY, z, np.log1p(np.maximum(power * z, -1)) / power)
    return made


class Power(Grouped):
    """A normalizer with one power λ per fit and column, found by maximum likelihood."""

    constant: Literal["refuse", "keep"] = Field(
        "refuse", description="what to do where the spread is zero: refuse, or leave the values be (λ = 1)"
    )

    @abstractmethod
    def refuse(self, values: Line, column: str) -> None:
        """Raises `DataError` for a value that has no such power."""

    @abstractmethod
    def shaped(self, observed: Float64[ndarray, " seen"], power: float) -> Float64[ndarray, " seen"]:
        """The values in model units."""

    @abstractmethod
    def log_variance(self, observed: Float64[ndarray, " seen"]) -> Callable[[float], float]:
        """The logarithm of the variance of the transformed values, as a function of λ."""

    @abstractmethod
    def jacobian(self, observed: Float64[ndarray, " seen"]) -> float:
        """Σ of what (λ − 1) is multiplied by in the log-likelihood."""

    def powers(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> tuple[tuple[tuple[float, ...], ...], tuple[str, ...] | None]:
        """λ per fit and column, and the names of the fits."""
        blocks = self.blocks(values, group, groups)
        found = tuple(
            tuple(self._power(block[:, at], column, name) for at, column in enumerate(columns))
            for name, block in blocks
        )
        return found, self.groups_of(blocks)

    def _power(self, values: Float64[ndarray, " rows"], column: str, name: str | None) -> float:
        from scipy.optimize import minimize_scalar

        observed = self.observed(values, column, name)
        self.refuse(observed, column)
        if observed.max() / 2 - observed.min() / 2 <= SMALLEST_SPREAD * np.abs(observed).max():
            if self.constant == "keep":
                return 1.0
            rule = f"{self.where(name)} have no spread that a power could shape (the values lie at {observed[0]:g})"
            raise DataError(f"{rule}: drop the column or write `constant: keep`", column=column, at=("constant",))
        variance, weight, count = self.log_variance(observed), self.jacobian(observed), len(observed)

        def unlikely(power: float) -> float:
            return 0.5 * variance(power) - (power - 1) * weight / count

        as_they_are = unlikely(1.0)
        if not np.isfinite(as_they_are):  # squares of them are 0 in float64
            return 1.0
        bounds = (-LARGEST_POWER, LARGEST_POWER)
        found = minimize_scalar(unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-10})
        power = float(found.x) if (as_they_are - unlikely(float(found.x))) * count > LEAST_GAIN else 1.0
        self._refuse_coarse(observed, power, column, name)
        return power

    def _refuse_coarse(self, observed: Float64[ndarray, " seen"], power: float, column: str, name: str | None) -> None:
        """Raises where x^λ is nothing beside the 1 of (x^λ − 1) / λ."""
        shaped = self.shaped(observed, power)
        if shaped.max() / 2 - shaped.min() / 2 <= COARSEST * np.abs(shaped).max():
            rule = f"{self.where(name)} ({observed.min():g} to {observed.max():g}) all become {shaped[0]:g} to the last"
            remedy = "give the column a unit in which its values lie around 1, or take `quantile` or `standard`"
            raise DataError(f"{rule} digits with their power {power:g}: {remedy}", column=column)


def log_variance(values: Callable[[float], tuple[Line, float]], power: float) -> float:
    """log Var of values that come as (values / e^m, m): a variance beyond float64 has a logarithm all the same."""
    scaled, exponent = values(power)
    spread = float(np.var(scaled))
    return 2 * exponent + (float(np.log(spread)) if spread > 0 else np.inf)
