"""How classes are scored: every labelled sequence of a part, beside the most frequent class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import polars as pl
from jaxtyping import Int64
from numpy import ndarray

from rnnlib.data.dataset import PartOf
from rnnlib.errors import ModelError
from rnnlib.metrics.baselines import BaselineName, majority
from rnnlib.metrics.cases import Labels
from rnnlib.metrics.metric import ModelKind
from rnnlib.metrics.scored import Scored, labelled
from rnnlib.metrics.table import LABEL_METRICS, MetricName


@dataclass(frozen=True)
class ScoredClasses(Scored[Labels]):
    """The labelled sequences of one part."""

    kind: ClassVar[ModelKind] = "classifier"

    @cached_property
    def sequences(self) -> Int64[ndarray, " case"]:
        """The labelled sequences of the part."""
        return labelled(self.data, self.part)

    @property
    def count(self) -> int:
        """The number of sequences."""
        return len(self.sequences)

    def of_model(self) -> Labels:
        """The classes that the model finds most probable. Raises `ModelError` where probabilities are not finite."""
        classes = self._classes()
        probabilities = self.predictor.probabilities(self.data, self.sequences)
        if odd := int((~np.isfinite(probabilities)).any(axis=1).sum()):
            rule = f"{odd} of the model's {self.count} predictions of {self.part.name} are not finite"
            raise ModelError(f"{rule}: train again with a smaller learning rate, or clip the gradients")
        predicted = tuple(classes[place] for place in probabilities.argmax(axis=1).tolist())
        return Labels(self._labels(self.sequences), predicted, classes, probabilities)

    def of_baselines(self) -> dict[BaselineName, Labels | str]:
        """The most frequent class of the train part, for every case."""
        train = self._labels(labelled(self.data, PartOf.train))
        classes = self._classes()
        guess = majority(train, classes)
        return {"majority": Labels(self._labels(self.sequences), (guess,) * self.count, classes)}

    def rescaled(self, cases: Labels) -> Labels:
        """Classes have no units."""
        return cases

    def score(self, name: MetricName, cases: Labels) -> float:
        """One metric over every case."""
        return LABEL_METRICS[name](cases)

    def unit(self) -> str:
        """Classes have no unit."""
        return ""

    def details(self, scored: Mapping[str, Labels], /) -> dict[str, Any]:
        """`confusion`: the classes, and how often each (row) was taken for each (column)."""
        classes, table = scored["model"].counts()
        return {"confusion": {"classes": list(classes), "table": table.tolist()}}

    def series(self, _scored: Mapping[str, Labels], /) -> None:
        """A sequence has one label, and no score by itself."""

    def predictions(self, made: Mapping[str, Labels]) -> pl.DataFrame:
        """One line per sequence: its label, the predicted class and every class's probability (`p_<class>`)."""
        model = made["model"]
        assert model.probabilities is not None, "the model's own predictions carry their probabilities"
        return pl.DataFrame(
            {
                "part": [self.part.name] * self.count,
                "key": self.data.sequences["key"].gather(self.sequences),
                "label": model.truth,
                "predicted": model.predicted,
                **{f"p_{name}": model.probabilities[:, place] for place, name in enumerate(model.classes)},
            },
            schema_overrides={"part": pl.String, "label": pl.String, "predicted": pl.String},
        )

    def _labels(self, sequences: Int64[ndarray, " case"]) -> tuple[str, ...]:
        return tuple(self.data.sequences["label"].cast(pl.String).gather(sequences).to_list())

    def _classes(self) -> tuple[str, ...]:
        assert self.predictor.classes is not None, "a classifier knows its classes"
        return self.predictor.classes
