"""Forecasts and predictions that need no model: what every score is held against.

Source of the forecasts: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), §5.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from rnnlib.metrics.metric import ModelKind

BaselineName = Literal["naive", "seasonal_naive", "drift", "majority", "mean", "frequency", "unigram", "bigram"]

BASELINES: Mapping[ModelKind, tuple[BaselineName, ...]] = {
    "forecaster": ("naive", "seasonal_naive", "drift"),
    "classifier": ("majority",),
    "regressor": ("mean",),
    "tagger": ("frequency",),
    "language_model": ("unigram", "bigram"),
}
"""The baselines that stand beside a model of each kind."""


@dataclass(frozen=True)
class Known:
    """Sequences as they were observed; a forecast from row `start` rests on earlier rows of its sequence only."""

    values: Float64[ndarray, "row target"]
    observed: Bool[ndarray, "row target"]
    offsets: Int64[ndarray, " sequences_and_one"]

    def sequences(self, starts: Int64[ndarray, " case"]) -> Int64[ndarray, " case"]:
        """The sequence that each case lies in."""
        return np.searchsorted(self.offsets, starts, side="right") - 1

    def latest(self, season: int = 1) -> Int64[ndarray, "row target"]:
        """The latest observed row at or before each row, whole seasons back; −1 where there is none."""
        found = np.full(self.values.shape, -1, np.int64)
        for first, end in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            seasons, width = -(-(end - first) // season), self.values.shape[1]
            rows = np.full((seasons * season, width), -1, np.int64)
            rows[: end - first] = np.where(self.observed[first:end], np.arange(first, end)[:, None], -1)
            latest = np.maximum.accumulate(rows.reshape(seasons, season, width), axis=0)
            found[first:end] = latest.reshape(rows.shape)[: end - first]
        return found

    def earliest(self) -> Int64[ndarray, "sequence target"]:
        """The first observed row of every sequence; any row where there is none."""
        found = np.zeros((len(self.offsets) - 1, self.values.shape[1]), np.int64)
        for sequence, (first, end) in enumerate(zip(self.offsets[:-1], self.offsets[1:], strict=True)):
            if end > first:
                found[sequence] = first + self.observed[first:end].argmax(axis=0)
        return found

    def at(self, rows: Int64[ndarray, "*case target"]) -> Float64[ndarray, "*case target"]:
        """The values of these rows, column by column; NaN for row −1."""
        columns = np.broadcast_to(np.arange(self.values.shape[1]), rows.shape)
        return np.where(rows >= 0, self.values[np.maximum(rows, 0), columns], np.nan)


def naive(known: Known, starts: Int64[ndarray, " case"], horizon: int) -> Float64[ndarray, "case step target"]:
    """The last observed value, for every step: ŷ_{T+h} = y_T. NaN where nothing was observed before."""
    return seasonal_naive(known, starts, horizon, 1)


def seasonal_naive(
    known: Known, starts: Int64[ndarray, " case"], horizon: int, season: int
) -> Float64[ndarray, "case step target"]:
    """The last observed value at the same place in the season of m rows: ŷ_{T+h} = y_{T+h−m⌈h/m⌉}.

    Where that value is missing, the one a season earlier stands in; NaN where none was observed.
    """
    back = starts[:, None] - season + np.arange(horizon) % season
    inside = back >= known.offsets[known.sequences(starts)][:, None]
    rows = known.latest(season)[np.maximum(back, 0)]
    return known.at(np.where(inside[..., None], rows, -1))


def drift(known: Known, starts: Int64[ndarray, " case"], horizon: int) -> Float64[ndarray, "case step target"]:
    """The line through the first and the last observed value: ŷ_{T+h} = y_T + h (y_T − y_1) / (T − 1).

    Where only one value was observed it is repeated; NaN where none was.
    """
    sequence = known.sequences(starts)
    before = starts > known.offsets[sequence]
    last = np.where(before[:, None], known.latest()[np.maximum(starts - 1, 0)], -1)
    first = np.where(last >= 0, known.earliest()[sequence], -1)
    span = last - first
    slope = (known.at(last) - known.at(first)) / np.maximum(span, 1)
    ahead = (starts[:, None] + np.arange(horizon))[..., None] - last[:, None]
    line: Float64[ndarray, "case step target"] = known.at(last)[:, None] + ahead * slope[:, None]
    return line


def majority(labels: Sequence[str], classes: Sequence[str]) -> str:
    """The most frequent class of the train sequences; of equally frequent ones the first in the model's order."""
    counts = Counter(labels)
    return max(classes, key=lambda name: counts[name])


def mean(labels: Float64[ndarray, " sequence"]) -> float:
    """The mean label of the train sequences."""
    return float(labels.mean())
