"""What a metric is: one number that says how far predictions are from the truth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from rnnlib.metrics.cases import Labels, Numbers, Surprises

ModelKind = Literal["forecaster", "classifier", "regressor", "tagger", "language_model"]

MetricUnit = Literal["data", "data²", "%", "none"]
"""`data`: the unit of what is predicted (or of its normalized scale), or that squared; `none`: a bare number."""


class Metric(ABC):
    """What every metric says about itself; its docstring holds the equation and the source."""

    name: ClassVar[str]
    unit: ClassVar[MetricUnit]
    higher_is_better: ClassVar[bool] = False
    fits: ClassVar[frozenset[ModelKind]]
    """The kinds of model that it can score."""
    needs_season: ClassVar[bool] = False
    needs_quantiles: ClassVar[bool] = False
    """Whether it says something only of forecasts with quantiles."""


class NumberMetric(Metric):
    """A metric of truths that are numbers."""

    @abstractmethod
    def __call__(self, cases: Numbers) -> float:
        """The score over every observed value; NaN where none was observed."""


class LabelMetric(Metric):
    """A metric of truths that are classes."""

    unit: ClassVar[MetricUnit] = "none"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"classifier", "tagger"})

    @abstractmethod
    def __call__(self, cases: Labels) -> float:
        """The score over every case; NaN where there is none."""


class TokenMetric(Metric):
    """A metric of tokens that are told from those before them."""

    unit: ClassVar[MetricUnit] = "none"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"language_model"})

    @abstractmethod
    def __call__(self, cases: Surprises) -> float:
        """The score over every told token; NaN where there is none."""
