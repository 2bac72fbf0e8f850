"""Mean absolute scaled error."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from rnnlib.errors import Refused
from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.metric import MetricUnit, ModelKind, NumberMetric


class MASE(NumberMetric):
    """Mean absolute scaled error: below 1 is better than the seasonal naive forecast was on the train rows.

    MASE = mean |ŷ − y| / Q over the observed values; Q, of each series and target by itself, is the mean of
    |y_t − y_{t−m}| over its train rows, m rows being a season (rnnlib/metrics/seasonal.py).

    Source: Hyndman & Koehler 2006, Another look at measures of forecast accuracy, doi:10.1016/j.ijforecast.2006.03.001.
    """

    name: ClassVar[Literal["mase"]] = "mase"
    unit: ClassVar[MetricUnit] = "none"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"forecaster"})
    needs_season: ClassVar[bool] = True

    def __call__(self, cases: Numbers) -> float:
        """The scaled error; NaN where nothing was observed. Raises `Refused` for a series that has no scale."""
        assert cases.scale is not None, "mase is computed over cases that carry a scale"
        scale = np.broadcast_to(cases.scale[cases.sequence][:, None, :], cases.truth.shape)
        _refuse(cases, np.isnan(scale), "has no two observed train rows one season apart; set a shorter `season`, or")
        _refuse(cases, scale == 0, "is the same from season to season in its train rows;")
        errors = cases.errors
        return float((np.abs(errors) / scale[cases.observed]).mean()) if errors.size else float("nan")


def _refuse(cases: Numbers, odd: Bool[ndarray, "case step target"], why: str) -> None:
    case, _, target = np.nonzero(cases.observed & odd)
    found = sorted(set(zip(cases.sequence[case].tolist(), target.tolist(), strict=True)))
    if found:
        rule = "`mase` divides by the error of the seasonal naive forecast on the train rows"
        which = f"`{cases.targets[found[0][1]]}` of series `{cases.keys[found[0][0]]}`"
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise Refused(f"{rule}: {which}{more} {why} take `mae` or `rmse`")
