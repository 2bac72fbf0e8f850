"""Forecasts as they leave a model: points, and quantiles where it gives distributions."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float64
from numpy import ndarray


@dataclass(frozen=True)
class Forecasts:
    """Horizons in data units: a number for every step and column, and its quantiles where the model gives them."""

    values: Float64[ndarray, "case step target"]
    quantiles: Float64[ndarray, "case step target level"] | None = None
    levels: tuple[float, ...] = ()
    """Of the quantiles, rising."""


def quantile_name(level: float) -> str:
    """How a column of quantiles is named: `q10` at level 0.1, `q2.5` at 0.025."""
    return f"q{100 * level:g}"
