"""How one number per sequence is scored: every labelled sequence of a part, beside the mean of the train part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import polars as pl
from jaxtyping import Float64, Int64
from numpy import ndarray

from rnnlib.data.dataset import PartOf
from rnnlib.errors import ModelError
from rnnlib.metrics.baselines import BaselineName, mean
from rnnlib.metrics.cases import Numbers
from rnnlib.metrics.metric import ModelKind
from rnnlib.metrics.scored import Scored, labelled
from rnnlib.metrics.table import NUMBER_METRICS, MetricName


@dataclass(frozen=True)
class ScoredValues(Scored[Numbers]):
    """The labelled sequences of one part; each is one case of one step and one target."""

    kind: ClassVar[ModelKind] = "regressor"

    @cached_property
    def sequences(self) -> Int64[ndarray, " case"]:
        """The labelled sequences of the part."""
        return labelled(self.data, self.part)

    @property
    def count(self) -> int:
        """The number of sequences."""
        return len(self.sequences)

    def of_model(self) -> Numbers:
        """The model's numbers. Raises `ModelError` where they are not finite."""
        values = self.predictor.values_of(self.data, self.sequences)
        if odd := int((~np.isfinite(values)).sum()):
            rule = f"{odd} of the model's {self.count} predictions of {self.part.name} are not finite"
            raise ModelError(f"{rule}: train again with a smaller learning rate, or clip the gradients")
        return self._cases(values)

    def of_baselines(self) -> dict[BaselineName, Numbers | str]:
        """The mean label of the train part, for every case."""
        train = self._labels(labelled(self.data, PartOf.train))
        return {"mean": self._cases(np.full(self.count, mean(train)))}

    def rescaled(self, cases: Numbers) -> Numbers:
        """The numbers in the units of the scores."""
        truth = self.in_units("label", cases.truth[:, 0], cases.sequence)[:, None]
        forecast = self.in_units("label", cases.forecast[:, 0], cases.sequence)[:, None]
        return replace(cases, truth=truth, forecast=forecast)

    def score(self, name: MetricName, cases: Numbers) -> float:
        """One metric over every case."""
        return NUMBER_METRICS[name](cases)

    def unit(self) -> str:
        """The label's unit, as far as it is known."""
        name = self.data.about.names.get("label", "label")
        return "normalized" if self.units == "normalized" else f"unit of {name}"

    def details(self, _scored: Mapping[str, Numbers], /) -> dict[str, Any]:
        """One number per sequence has no steps."""
        return {}

    def series(self, _scored: Mapping[str, Numbers], /) -> None:
        """A sequence has one label, and no score by itself."""

    def predictions(self, made: Mapping[str, Numbers]) -> pl.DataFrame:
        """One line per sequence: its label, the predicted number and the baseline's."""
        named = {"predicted" if by == "model" else by: cases.forecast[:, 0, 0] for by, cases in made.items()}
        keys = self.data.sequences["key"].gather(self.sequences)
        parts = pl.Series("part", [self.part.name] * self.count, dtype=pl.String)
        return pl.DataFrame({"part": parts, "key": keys, "label": self._labels(self.sequences), **named})

    def _cases(self, values: Float64[ndarray, " case"]) -> Numbers:
        return Numbers(
            truth=self._labels(self.sequences)[:, None, None],
            forecast=values[:, None, None],
            observed=np.ones((self.count, 1, 1), bool),
            sequence=self.sequences,
            keys=tuple(self.data.sequences["key"].to_list()),
            targets=(self.data.about.names.get("label", "label"),),
        )

    def _labels(self, sequences: Int64[ndarray, " case"]) -> Float64[ndarray, " case"]:
        labels: Float64[ndarray, " case"] = self.data.sequences["label"].cast(pl.Float64).to_numpy()[sequences]
        return labels
