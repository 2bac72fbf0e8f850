"""Mean absolute error."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.metric import MetricUnit, ModelKind, NumberMetric


class MAE(NumberMetric):
    """Mean absolute error: how far a forecast is off on average, in the unit of the data.

    MAE = mean |ŷ − y| over the observed values.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), §5.8.
    """

    name: ClassVar[Literal["mae"]] = "mae"
    unit: ClassVar[MetricUnit] = "data"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"forecaster", "regressor"})

    def __call__(self, cases: Numbers) -> float:
        """The mean absolute error; NaN where nothing was observed."""
        errors = cases.errors
        return float(np.abs(errors).mean()) if errors.size else float("nan")
