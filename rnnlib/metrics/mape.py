"""Mean absolute percentage error."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from rnnlib.errors import Refused
from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.metric import MetricUnit, ModelKind, NumberMetric


class MAPE(NumberMetric):
    """Mean absolute percentage error: errors in percent of the truth.

    MAPE = 100 · mean |ŷ − y| / |y| over the observed values; unbounded above, and undefined where a truth is 0.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), §5.8.
    """

    name: ClassVar[Literal["mape"]] = "mape"
    unit: ClassVar[MetricUnit] = "%"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"forecaster", "regressor"})

    def __call__(self, cases: Numbers) -> float:
        """The error in percent; NaN where nothing was observed. Raises `Refused` where a truth is 0."""
        truths = cases.truths
        if not truths.size:
            return float("nan")
        if zeros := int((truths == 0).sum()):
            rule = "`mape` divides by the truth, which must not be 0"
            raise Refused(f"{rule}: {zeros} of {truths.size} truths are 0; take `smape`, `mase` or `mae`")
        return float(100 * np.abs(cases.errors / truths).mean())
