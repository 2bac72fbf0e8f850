"""Ranks in the place of values: a uniform or a normal distribution, whatever the column's is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.normalizers.base import Fitted
from rnnlib.data.normalizers.grouped import Grouped
from rnnlib.errors import DataError

Line = Float64[ndarray, "*values"]


class Ranks(Fitted):
    """z = F(x), or Φ⁻¹(ε + (1 − 2ε) F(x)) with ε = 1/2n; F goes in straight lines through n quantiles."""

    kind: Literal["ranks"] = "ranks"
    knots: tuple[tuple[tuple[float, ...], ...], ...] = Field(
        description="per fit, per column: the values of the quantiles, rising, in data units"
    )
    to: Literal["uniform", "normal"] = Field(description="what the train values become")
    beyond: Literal["linear", "clip"] = Field(description="what lies outside of the train values")

    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units."""
        return self._each(values, group, self._ranked)

    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units; what was clipped comes back as the smallest or the largest train value."""
        return self._each(values, group, self._valued)

    def _each(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"], done: Callable[..., Line]
    ) -> Float64[ndarray, "*cases columns"]:
        made = np.empty_like(values)
        if len(self.knots) == 1:
            for at, knots in enumerate(self.knots[0]):
                made[..., at] = done(values[..., at], np.array(knots))
            return made
        order = np.argsort(group, kind="stable")
        present, first = np.unique(group[order], return_index=True)
        for number, rows in zip(present, np.split(order, first[1:]), strict=True):
            for at, knots in enumerate(self.knots[number]):
                made[rows, ..., at] = done(values[rows, ..., at], np.array(knots))
        return made

    def _ranked(self, x: Line, knots: Float64[ndarray, " knots"]) -> Line:
        x, knots = np.ldexp(x, -_exponent(knots)), np.ldexp(knots, -_exponent(knots))
        levels = np.linspace(0, 1, len(knots))
        # from both sides: a value that many rows have lies in the middle of its ranks
        share = 0.5 * (np.interp(x, knots, levels) + 1 - np.interp(-x, -knots[::-1], levels))
        ends = np.array(self._shown(np.array([0.0, 1.0]), len(knots)))
        shown = self._shown(share, len(knots))
        below, above = x < knots[0], x > knots[-1]
        slope = _slope(knots, ends) if self.beyond == "linear" else 0.0
        shown = np.where(below, ends[0] + (x - knots[0]) * slope, shown)
        made: Line = np.where(above, ends[1] + (x - knots[-1]) * slope, shown)
        return made

    def _valued(self, z: Line, knots: Float64[ndarray, " knots"]) -> Line:
        exponent = _exponent(knots)
        knots = np.ldexp(knots, -exponent)
        ends = np.array(self._shown(np.array([0.0, 1.0]), len(knots)))
        found = np.interp(self._share(z, len(knots)), np.linspace(0, 1, len(knots)), knots)
        over = 1 / _slope(knots, ends) if self.beyond == "linear" else 0.0
        found = np.where(z < ends[0], knots[0] + (z - ends[0]) * over, found)
        found = np.where(z > ends[1], knots[-1] + (z - ends[1]) * over, found)
        with np.errstate(over="ignore"):
            made: Line = np.ldexp(found, exponent)
        return made

    def _shown(self, share: Line, knots: int) -> Line:
        if self.to == "uniform":
            return share
        from scipy.special import ndtri

        edge = 1 / (2 * knots)
        shown: Line = ndtri(edge + (1 - 2 * edge) * share)
        return shown

    def _share(self, z: Line, knots: int) -> Line:
        if self.to == "uniform":
            return z
        from scipy.special import ndtr

        edge = 1 / (2 * knots)
        share: Line = (ndtr(z) - edge) / (1 - 2 * edge)
        return share


class Quantile(Grouped):
    """The share of train values that are smaller, or what a normal distribution has at that share.

    z = F(x), through `quantiles` points of the train values' distribution. Within their range the inverse is exact;
    outside, `beyond` says. Ranks rise, so a forecast's quantiles come back as quantiles.

    Source: as scikit-learn's `QuantileTransformer`; its normal one cuts at 5.2 where this one has no steps.
    """

    kind: Literal["quantile"] = "quantile"
    to: Literal["uniform", "normal"] = Field("normal", description="the distribution that the train values get")
    quantiles: int = Field(100, ge=2, le=10_000, description="how many points of the distribution are kept")
    beyond: Literal["linear", "clip"] = Field(
        "linear",
        description="outside of the train values: on with the slope from end to end, or held at the ends",
    )
    constant: Literal["refuse", "center"] = Field(
        "refuse", description="what to do where all values are the same: refuse, or shift alone"
    )

    def fit(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> Ranks:
        """The quantiles per fit and column; raises `DataError` for a column without a value or with one alone."""
        blocks = self.blocks(values, group, groups)
        knots = tuple(
            tuple(self._knots(block[:, at], column, name) for at, column in enumerate(columns))
            for name, block in blocks
        )
        return Ranks(
            columns=columns,
            groups=self.groups_of(blocks),
            each=self.named,
            knots=knots,
            to=self.to,
            beyond=self.beyond,
        )

    def _knots(self, values: Float64[ndarray, " rows"], column: str, name: str | None) -> tuple[float, ...]:
        observed = self.observed(values, column, name)
        if observed.min() == observed.max() and self.constant == "refuse":
            rule = f"{self.where(name)} have one value alone ({observed[0]:g}), which has no ranks"
            raise DataError(f"{rule}: drop the column or write `constant: center`", column=column, at=("constant",))
        count = min(self.quantiles, max(2, len(observed)))
        found = _quantiles(observed, count)
        found[0], found[-1] = observed.min(), observed.max()
        return tuple(np.maximum.accumulate(found).tolist())


def _quantiles(observed: Float64[ndarray, " observed"], count: int) -> Float64[ndarray, " count"]:
    """At `count` equal steps from the smallest value to the largest, on straight lines between values.

    A quantile that is a value is that value to the last bit, so that one that many rows have is met exactly.
    """
    exponent = _exponent(observed)  # differences of the largest numbers leave float64, and halves of the smallest
    ordered = np.sort(np.ldexp(observed, -exponent))
    place = np.arange(count) * (len(ordered) - 1) / (count - 1)
    below = place.astype(np.int64)
    low, high = ordered[below], ordered[np.minimum(below + 1, len(ordered) - 1)]
    found: Float64[ndarray, " count"] = np.ldexp(low + (high - low) * (place - below), exponent)
    return found


def _exponent(values: Float64[ndarray, " values"]) -> int:
    """Of the power of two that the largest magnitude lies just below."""
    return int(np.frexp(np.abs(values).max())[1])


def _slope(knots: Float64[ndarray, " knots"], ends: Float64[ndarray, " 2"]) -> float:
    """Of the line from end to end; 1 where they are one value."""
    wide = float(knots[-1] / 2 - knots[0] / 2)
    return float((ends[1] - ends[0]) / 2 / wide) if wide else 1.0
