"""Weighted quantile loss."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.metric import MetricUnit, ModelKind, NumberMetric


class WQL(NumberMetric):
    """Weighted quantile loss: how far the quantiles are from the truth, as a share of what there is to forecast.

    WQL = 1/|levels| Σ_τ 2 Σ max(τ (y − q̂_τ), (τ − 1) (y − q̂_τ)) / Σ |y|  over the observed values, at the levels of
    the model. A baseline, and any point forecast, counts as certain: all of its quantiles are that point.

    Source: Park et al. 2022, arXiv:2111.06581; the M5 accuracy and uncertainty competition, Makridakis et al. 2022.
    """

    name: ClassVar[Literal["wql"]] = "wql"
    unit: ClassVar[MetricUnit] = "none"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"forecaster"})
    needs_quantiles: ClassVar[bool] = True

    def __call__(self, cases: Numbers) -> float:
        """The weighted loss; NaN where nothing was observed, or nothing but 0."""
        whole = np.abs(cases.truths).sum()
        if whole == 0:
            return float("nan")
        levels, quantiles = cases.spread
        above = cases.truths[:, None] - quantiles
        pinball = np.maximum(np.array(levels) * above, (np.array(levels) - 1) * above)
        return float(2 * pinball.sum(axis=0).mean() / whole)
