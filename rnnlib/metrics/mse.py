"""Mean squared error."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.metric import MetricUnit, ModelKind, NumberMetric


class MSE(NumberMetric):
    """Mean squared error: what published forecasting tables print, on normalized data.

    MSE = mean (ŷ − y)² over the observed values; its unit is that of the data, squared.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), §5.8.
    """

    name: ClassVar[Literal["mse"]] = "mse"
    unit: ClassVar[MetricUnit] = "data²"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"forecaster", "regressor"})

    def __call__(self, cases: Numbers) -> float:
        """The mean squared error; NaN where nothing was observed."""
        errors = cases.errors
        return float(np.square(errors).mean()) if errors.size else float("nan")
