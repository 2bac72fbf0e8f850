"""Macro-averaged F1."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from rnnlib.metrics.cases import Labels
from rnnlib.metrics.metric import LabelMetric


class MacroF1(LabelMetric):
    """Macro-averaged F1: every class counts the same, however rare it is.

    F1_c = 2 n_cc / (Σ_b n_cb + Σ_a n_ac); the mean over the classes that occur as a truth or as a prediction, where
    n_ab counts the cases of class a that were taken for b.

    Source: Sokolova & Lapalme 2009, doi:10.1016/j.ipm.2009.03.002; averaged as scikit-learn does.
    """

    name: ClassVar[Literal["macro_f1"]] = "macro_f1"
    higher_is_better: ClassVar[bool] = True

    def __call__(self, cases: Labels) -> float:
        """The mean F1 over the classes that occur, from 0 to 1; NaN where there is no case."""
        if not cases.truth:
            return float("nan")
        _, table = cases.counts()
        occurs = table.sum(axis=0) + table.sum(axis=1)
        return float(np.mean(2 * np.diag(table)[occurs > 0] / occurs[occurs > 0]))
