"""Root mean squared error."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.metric import MetricUnit, ModelKind, NumberMetric


class RMSE(NumberMetric):
    """Root mean squared error: like the MAE, but a large error counts more than many small ones.

    RMSE = √ mean (ŷ − y)² over the observed values; never below the MAE.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), §5.8.
    """

    name: ClassVar[Literal["rmse"]] = "rmse"
    unit: ClassVar[MetricUnit] = "data"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"forecaster", "regressor"})

    def __call__(self, cases: Numbers) -> float:
        """The root mean squared error; NaN where nothing was observed."""
        errors = cases.errors
        return float(np.sqrt(np.square(errors).mean())) if errors.size else float("nan")
