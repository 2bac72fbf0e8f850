"""How tags are scored: every step of a part whose tag is known, beside how often each tag comes in the train part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import polars as pl
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from rnnlib.data.batching.windows import segments
from rnnlib.data.dataset import PartOf
from rnnlib.data.step_predictions import StepPredictions
from rnnlib.data.tags import tag_values
from rnnlib.errors import DataError, ModelError
from rnnlib.metrics.baselines import BaselineName
from rnnlib.metrics.cases import Labels
from rnnlib.metrics.metric import ModelKind
from rnnlib.metrics.scored import Scored
from rnnlib.metrics.table import LABEL_METRICS, MetricName

_YES_NO = ("0", "1")


@dataclass(frozen=True)
class ScoredTags(Scored[Labels]):
    """The known tags of one part: of several columns, each value is a case, and nats are counted per step."""

    kind: ClassVar[ModelKind] = "tagger"

    @cached_property
    def told(self) -> StepPredictions:
        """What the model tells of every step of the part. Raises `ModelError` where that is not finite."""
        found = self.predictor.steps_of(self.data, segments(self.data, self.part).sequence)
        if odd := int((~np.isfinite(found.probabilities)).any(axis=1).sum()):
            rule = f"{odd} of the model's {len(found.probabilities)} predictions of {self.part.name} are not finite"
            raise ModelError(f"{rule}: train again with a smaller learning rate, or clip the gradients")
        return found

    @cached_property
    def rows(self) -> Int64[ndarray, " step"]:
        """The row that each of the predictions is about; −1 where it lies behind the end of its sequence."""
        lengths = np.diff(self.told.offsets)
        place = np.arange(self.told.offsets[-1]) - np.repeat(self.told.offsets[:-1], lengths) + self.told.ahead
        first = self.data.offsets[segments(self.data, self.part).sequence]
        inside = place < np.repeat(lengths, lengths)
        return np.asarray(np.where(inside, np.repeat(first, lengths) + place, -1))

    @cached_property
    def known(self) -> Bool[ndarray, "step tag"]:
        """Which predictions have a known truth."""
        return np.asarray((self.rows >= 0)[:, None] & ~np.isnan(self._tags[self.rows]))

    @property
    def count(self) -> int:
        """The number of steps with a known tag."""
        return int(self.known.any(axis=1).sum())

    def of_model(self) -> Labels:
        """What the model tells of every step with a known tag."""
        if self.predictor.classes is None:
            sure = self.told.probabilities[self.known]
            return self._yes_no(self.told.best[self.known], np.stack([1 - sure, sure], axis=1))
        chosen = self.known[:, 0]
        return self._labels(self.told.best[chosen, 0], self.told.probabilities[chosen])

    def of_baselines(self) -> dict[BaselineName, Labels | str]:
        """Every tag with its frequency in the train part (each counted once more), the most frequent as prediction."""
        train = self._tags[self.data.rows_of(PartOf.train)]
        if self.predictor.classes is None:
            seen = (~np.isnan(train)).sum(axis=0)
            share = (np.nansum(train, axis=0) + 1) / (seen + 2)
            sure = np.broadcast_to(share, self.known.shape)[self.known]
            return {"frequency": self._yes_no((sure > 0.5).astype(np.int64), np.stack([1 - sure, sure], axis=1))}
        values = tag_values(self.data, self.predictor.classes).numpy()
        counts = (train[:, :1] == values).sum(axis=0) + 1
        steps = self.count
        best = np.full(steps, int(counts.argmax()))
        return {"frequency": self._labels(best, np.broadcast_to(counts / counts.sum(), (steps, len(counts))))}

    def rescaled(self, cases: Labels) -> Labels:
        """Tags that are classes have no units."""
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
        """A sequence has no score by itself."""

    def predictions(self, made: Mapping[str, Labels]) -> pl.DataFrame:
        """One line per known tag: its sequence, step (from 1) and column, the truth, the prediction, probabilities."""
        model = made["model"]
        assert model.probabilities is not None, "the model's own predictions carry their probabilities"
        step, column = np.nonzero(self.known)
        sequence = self.data.sequence_of_row[self.rows[step]]
        shares = {f"p_{name}": model.probabilities[:, place] for place, name in enumerate(model.classes)}
        return pl.DataFrame(
            {
                "part": pl.Series([self.part.name], dtype=pl.String).gather(np.zeros(len(step), np.int64)),
                "key": self.data.sequences["key"].gather(sequence),
                "step": self.rows[step] - self.data.offsets[sequence] + 1,
                "tag": pl.Series(self.data.about.tags, dtype=pl.String).gather(column),
                "label": pl.Series(model.truth, dtype=pl.String),
                "predicted": pl.Series(model.predicted, dtype=pl.String),
                **shares,
            }
        )

    @property
    def _tags(self) -> Float64[ndarray, "rows tags"]:
        if self.data.tags is None:
            raise DataError("a tagger is scored by tags, and the data has none: name them in the roles of `load`")
        return self.data.tags

    def _labels(self, best: Int64[ndarray, " case"], probabilities: Float64[ndarray, "case class_"]) -> Labels:
        assert self.predictor.classes is not None, "a tagger of classes knows them"
        truth = self._tags[self.rows[self.known[:, 0]], 0]
        words = self.data.about.tag_words
        names = (
            tuple(str(int(value)) for value in truth.tolist())
            if words is None
            else tuple(words[int(value)] for value in truth.tolist())
        )
        predicted = tuple(self.predictor.classes[place] for place in best.tolist())
        return Labels(names, predicted, self.predictor.classes, probabilities, run=self._run)

    @property
    def _run(self) -> tuple[int, ...]:
        """Which steps with a known tag follow each other in a sequence, none without one between them."""
        rows = self.rows[self.known[:, 0]]
        follows = (np.diff(rows, prepend=-2) == 1) & (np.diff(self.data.sequence_of_row[rows], prepend=-1) == 0)
        return tuple(np.cumsum(~follows).tolist())

    def _yes_no(self, best: Int64[ndarray, " case"], probabilities: Float64[ndarray, "case class_"]) -> Labels:
        truth = self._tags[self.rows][self.known]
        names = [tuple(_YES_NO[int(value)] for value in values.tolist()) for values in (truth, best)]
        return replace(Labels(names[0], names[1], _YES_NO, probabilities), steps=self.count)
