"""What is scored: one part of a data set, by a model of one kind and by the baselines beside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar, runtime_checkable

import polars as pl
from jaxtyping import Float64, Int64
from numpy import ndarray

from rnnlib.data.batching.windows import Examples, segments
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.normalizers import fitted
from rnnlib.data.step_predictions import StepPredictions
from rnnlib.data.transforms import numbered
from rnnlib.errors import DataError, Refused, refusals_at
from rnnlib.forecasts import Forecasts
from rnnlib.metrics.baselines import BaselineName
from rnnlib.metrics.metric import ModelKind
from rnnlib.metrics.table import MetricName

Units = Literal["data", "normalized"]
"""`data`: as the data came; `normalized`: on the scale that the data set's own transforms give."""

Cases = TypeVar("Cases")


@runtime_checkable
class Predicts(Protocol):
    """What is asked of a model that is scored: predictions in data units (`rnnlib.predictor.Predictor`)."""

    @property
    def kind(self) -> str:
        """The model's kind: forecaster, classifier, regressor, tagger or language_model."""

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The classes it tells apart, in its order; none for numbers."""

    def forecast(
        self, data: DataSet, horizon_starts: Int64[ndarray, " case"]
    ) -> Float64[ndarray, "case horizon target"]:
        """Forecasts from these rows on."""

    def distribution(self, data: DataSet, horizon_starts: Int64[ndarray, " case"]) -> Forecasts:
        """The same with quantiles, where the model gives them."""

    def probabilities(self, data: DataSet, sequences: Int64[ndarray, " case"]) -> Float64[ndarray, "case class_"]:
        """The probability of each class for these sequences."""

    def values_of(self, data: DataSet, sequences: Int64[ndarray, " case"]) -> Float64[ndarray, " case"]:
        """A number for each of these sequences."""

    def steps_of(self, data: DataSet, sequences: Int64[ndarray, " case"]) -> StepPredictions:
        """What is told of every step of these sequences."""

    def surprises(self, data: DataSet, examples: Examples) -> Float64[ndarray, " token"]:
        """−log p of the token behind every step of these examples."""


@dataclass(frozen=True)
class Scored(ABC, Generic[Cases]):
    """One part of a data set, ready to be scored. Every case of the part counts, none is dropped."""

    predictor: Predicts
    data: DataSet
    part: PartOf
    names: Sequence[MetricName]
    season: int | None
    units: Units

    kind: ClassVar[ModelKind]

    @property
    @abstractmethod
    def count(self) -> int:
        """The number of cases."""

    @abstractmethod
    def of_model(self) -> Cases:
        """The model's predictions beside the truths, in data units. Raises `ModelError` where they do not fit."""

    @abstractmethod
    def of_baselines(self) -> Mapping[BaselineName, Cases | str]:
        """Each baseline's predictions for the same cases, in data units, or why it cannot make them."""

    @abstractmethod
    def rescaled(self, cases: Cases) -> Cases:
        """The same predictions in the units of the scores."""

    @abstractmethod
    def score(self, name: MetricName, cases: Cases) -> float:
        """One metric of predictions that are in the units of the scores."""

    @abstractmethod
    def unit(self) -> str:
        """The unit of what is predicted, in words."""

    @abstractmethod
    def details(self, scored: Mapping[str, Cases], /) -> dict[str, Any]:
        """Scores in more detail, as JSON; `scored` holds the rescaled predictions of `model` and of every baseline."""

    @abstractmethod
    def series(self, scored: Mapping[str, Cases], /) -> pl.DataFrame | None:
        """Scores of every series by itself: columns part, series, cases, by, metric, score; none without series."""

    @abstractmethod
    def predictions(self, made: Mapping[str, Cases]) -> pl.DataFrame:
        """Truth, prediction and baselines of every case, one line each, in data units."""

    def scores(self, cases: Cases) -> dict[MetricName, float]:
        """Every metric of predictions that are in the units of the scores. Raises `Refused` at the metric's place."""
        found = {}
        for index, name in enumerate(self.names):
            try:
                found[name] = self.score(name, cases)
            except Refused as error:
                error.at = ("metrics", index, *error.at)
                raise
        return found

    def in_units(
        self, role: str, values: Float64[ndarray, "case ..."], sequence: Int64[ndarray, " case"]
    ) -> Float64[ndarray, "case ..."]:
        """Data units to the units of the scores; `sequence` is that of each entry along the first axis."""
        if self.units == "data":
            return values
        state = self.data.about.transforms.get(role)
        if state is None:
            rule = "`units: normalized` needs a `normalize` step that has a transform"
            raise Refused(f"{rule} of `{role}`: add one, or write `units: data`", at=("units",))
        transform = fitted(state)
        with refusals_at("units"):
            out: Float64[ndarray, "case ..."] = transform.apply(values, numbered(transform, self.data, sequence))
        return out


def labelled(data: DataSet, part: PartOf) -> Int64[ndarray, " case"]:
    """The sequences of `part`; raises `DataError` where one has no label."""
    sequences = segments(data, part).sequence
    labels = data.sequences["label"].gather(sequences)
    if labels.null_count():
        key = data.sequences["key"][int(sequences[labels.is_null().arg_max() or 0])]
        rule = f"a sequence is scored by its label, `{key}` of {part.name} has none: give it one, or take it out"
        raise DataError(rule, column=data.about.names.get("label"))
    return sequences
