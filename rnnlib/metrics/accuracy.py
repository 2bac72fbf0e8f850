"""Accuracy."""

from __future__ import annotations

from typing import ClassVar, Literal

from rnnlib.metrics.cases import Labels
from rnnlib.metrics.metric import LabelMetric


class Accuracy(LabelMetric):
    """Accuracy: the share of cases whose class was predicted right.

    accuracy = Σ_c n_cc / n, where n_ab counts the cases of class a that were taken for b.

    Source: Sokolova & Lapalme 2009, doi:10.1016/j.ipm.2009.03.002.
    """

    name: ClassVar[Literal["accuracy"]] = "accuracy"
    higher_is_better: ClassVar[bool] = True

    def __call__(self, cases: Labels) -> float:
        """The share of right predictions, from 0 to 1; NaN where there is no case."""
        right = sum(true == predicted for true, predicted in zip(cases.truth, cases.predicted, strict=True))
        return right / len(cases.truth) if cases.truth else float("nan")
