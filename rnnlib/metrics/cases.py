"""What metrics are computed over: truths beside forecasts, the values that were never observed masked out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

LEVELS = (0.1, 0.5, 0.9)
"""What a point forecast is held against where nobody names levels."""


@dataclass(frozen=True)
class Numbers:
    """Cases whose truths are numbers: forecast windows, or one number per sequence (one step, one target).

    `forecast` may hold NaN only where nothing was observed. `scale` is what one unit of error means per sequence and
    target (the in-sample error of the seasonal naive forecast); NaN where a sequence is too short to have one.
    """

    truth: Float64[ndarray, "case step target"]
    forecast: Float64[ndarray, "case step target"]
    observed: Bool[ndarray, "case step target"]
    sequence: Int64[ndarray, " case"]
    keys: tuple[str, ...]
    targets: tuple[str, ...]
    scale: Float64[ndarray, "sequence target"] | None = None
    quantiles: Float64[ndarray, "case step target level"] | None = None
    """None where a forecast is a point: then it is certain of it."""
    levels: tuple[float, ...] = LEVELS
    """Of the quantiles, or those that a point is held against."""

    @property
    def spread(self) -> tuple[tuple[float, ...], Float64[ndarray, "value level"]]:
        """The levels, and the quantiles of the observed truths at each of them."""
        quantiles = self.quantiles
        if quantiles is None:
            quantiles = np.repeat(self.forecast[..., None], len(self.levels), axis=-1)
        return self.levels, quantiles[self.observed]

    @property
    def errors(self) -> Float64[ndarray, " value"]:
        """Forecast − truth of every observed value."""
        chosen: Float64[ndarray, " value"] = (self.forecast - self.truth)[self.observed]
        return chosen

    @property
    def truths(self) -> Float64[ndarray, " value"]:
        """The observed truths."""
        chosen: Float64[ndarray, " value"] = self.truth[self.observed]
        return chosen

    @property
    def forecasts(self) -> Float64[ndarray, " value"]:
        """The forecasts of the observed truths."""
        chosen: Float64[ndarray, " value"] = self.forecast[self.observed]
        return chosen

    def at_step(self, step: int) -> Numbers:
        """The cases' values at one step of the horizon, counted from 0."""
        chosen = slice(step, step + 1)
        return replace(
            self,
            truth=self.truth[:, chosen],
            forecast=self.forecast[:, chosen],
            observed=self.observed[:, chosen],
            quantiles=None if self.quantiles is None else self.quantiles[:, chosen],
        )

    def of_target(self, target: int) -> Numbers:
        """The values of one target column."""
        chosen = slice(target, target + 1)
        return replace(
            self,
            truth=self.truth[..., chosen],
            forecast=self.forecast[..., chosen],
            observed=self.observed[..., chosen],
            targets=self.targets[chosen],
            scale=None if self.scale is None else self.scale[:, chosen],
            quantiles=None if self.quantiles is None else self.quantiles[:, :, chosen],
        )

    def of_cases(self, chosen: Int64[ndarray, " chosen"]) -> Numbers:
        """Some of the cases, by their number."""
        return replace(
            self,
            truth=self.truth[chosen],
            forecast=self.forecast[chosen],
            observed=self.observed[chosen],
            sequence=self.sequence[chosen],
            quantiles=None if self.quantiles is None else self.quantiles[chosen],
        )

    def forecast_by(self, forecast: Float64[ndarray, "case step target"]) -> Numbers:
        """The same cases with another forecast."""
        return replace(self, forecast=forecast)


@dataclass(frozen=True)
class Surprises:
    """Tokens that were told from those before them: −log p of each, in nats."""

    nats: Float64[ndarray, " token"]
    tokens_per_character: float = 1.0
    """Of the texts, as they were before they were encoded."""

    @property
    def nats_per_step(self) -> float:
        """The mean over all tokens; NaN where there is none."""
        return float(self.nats.mean()) if len(self.nats) else float("nan")


@dataclass(frozen=True)
class Labels:
    """Cases whose truths are classes; `classes` are those the model knows, in its order.

    A truth may be a class that the model has never seen: no prediction of it is right.
    """

    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    classes: tuple[str, ...]
    probabilities: Float64[ndarray, "case class_"] | None = None
    """Of `classes`, in their order; none where nothing was weighed."""
    steps: int | None = None
    """The steps that the cases stand in, where a step has several of them."""
    run: tuple[int, ...] | None = None
    """Which run of steps behind each other every case is of, where cases are steps of sequences."""

    @property
    def nats_per_step(self) -> float:
        """The mean of −log p over the steps; NaN where nothing is known, infinite where p of a truth is 0."""
        if self.probabilities is None or not self.truth:
            return float("nan")
        place = {name: number for number, name in enumerate(self.classes)}
        at = np.array([place.get(name, -1) for name in self.truth])
        found = np.take_along_axis(self.probabilities, np.maximum(at, 0)[:, None], 1)[:, 0]
        with np.errstate(divide="ignore"):
            return float(-np.log(np.where(at < 0, 0.0, found)).sum() / (self.steps or len(self.truth)))

    def counts(self) -> tuple[tuple[str, ...], Int64[ndarray, "class class_"]]:
        """Every class of the model or the truths, and how often each (row) was taken for each (column)."""
        unseen = sorted({*self.truth, *self.predicted} - {*self.classes})
        names = (*self.classes, *unseen)
        position = {name: place for place, name in enumerate(names)}
        table = np.zeros((len(names), len(names)), np.int64)
        for true, predicted in zip(self.truth, self.predicted, strict=True):
            table[position[true], position[predicted]] += 1
        return names, table
