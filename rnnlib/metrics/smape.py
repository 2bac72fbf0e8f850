"""Symmetric mean absolute percentage error."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.metric import MetricUnit, ModelKind, NumberMetric


class SMAPE(NumberMetric):
    """Symmetric mean absolute percentage error, as the M4 competition defines it: from 0 to 200 %.

    sMAPE = 200 · mean |ŷ − y| / (|y| + |ŷ|) over the observed values; a truth of 0 that is forecast as 0 counts 0.

    Source: Makridakis, Spiliotis & Assimakopoulos 2020, The M4 Competition, doi:10.1016/j.ijforecast.2019.04.014.
    """

    name: ClassVar[Literal["smape"]] = "smape"
    unit: ClassVar[MetricUnit] = "%"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"forecaster", "regressor"})

    def __call__(self, cases: Numbers) -> float:
        """The error in percent, from 0 to 200; NaN where nothing was observed."""
        errors = np.abs(cases.errors)
        if not errors.size:
            return float("nan")
        size = np.abs(cases.truths) + np.abs(cases.forecasts)
        shares = np.divide(errors, size, out=np.zeros_like(errors), where=size > 0)
        return float(200 * shares.mean())
