"""Coverage of the outermost quantiles."""

from __future__ import annotations

from typing import ClassVar, Literal

from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.metric import MetricUnit, ModelKind, NumberMetric


class Coverage(NumberMetric):
    """The share of truths between the lowest and the highest quantile: with levels 0.1 … 0.9 it should be 80 %.

    coverage = 100 · mean [q̂_low ≤ y ≤ q̂_high] over the observed values

    A band that is too wide covers more: read it beside `wql`, which counts the width. A baseline has no band.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), §5.9.
    """

    name: ClassVar[Literal["coverage"]] = "coverage"
    unit: ClassVar[MetricUnit] = "%"
    higher_is_better: ClassVar[bool] = True
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"forecaster"})
    needs_quantiles: ClassVar[bool] = True

    def __call__(self, cases: Numbers) -> float:
        """The share in percent; NaN where nothing was observed."""
        _, quantiles = cases.spread
        if not len(quantiles):
            return float("nan")
        inside = (quantiles[:, 0] <= cases.truths) & (cases.truths <= quantiles[:, -1])
        return float(100 * inside.mean())
