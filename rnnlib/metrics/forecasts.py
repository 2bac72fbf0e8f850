"""How forecasts are scored: every window of a part, and the baselines from the same past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import polars as pl
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from rnnlib.data.batching.windows import Examples, window_starts
from rnnlib.data.dataset import PartOf
from rnnlib.data.splits.fill import known_by
from rnnlib.data.times.time import shown_times
from rnnlib.errors import ModelError
from rnnlib.forecasts import Forecasts, quantile_name
from rnnlib.metrics.baselines import BaselineName, Known, drift, naive, seasonal_naive
from rnnlib.metrics.cases import LEVELS, Numbers
from rnnlib.metrics.metric import ModelKind
from rnnlib.metrics.scored import Scored
from rnnlib.metrics.seasonal import seasonal_scale
from rnnlib.metrics.table import NUMBER_METRICS, MetricName


@dataclass(frozen=True)
class ScoredForecasts(Scored[Numbers]):
    """The windows of one part: those whose whole horizon lies in it."""

    kind: ClassVar[ModelKind] = "forecaster"

    @cached_property
    def windows(self) -> Examples:
        """The windows, in the order of the data."""
        return window_starts(self.data, self.part)

    @property
    def count(self) -> int:
        """The number of windows."""
        return len(self.windows)

    @cached_property
    def known(self) -> Known:
        """The target columns as they were observed, in data units; what was filled in is no truth."""
        targets = self.data.having("target")
        values = np.asarray(self.data.raw[:, targets])
        measured = np.isfinite(values)
        if self.data.observed is not None:
            measured &= self.data.observed[:, targets]
        return Known(values, measured, np.asarray(self.data.offsets))

    @cached_property
    def rows(self) -> Int64[ndarray, "case step"]:
        """The rows of every horizon."""
        return self.windows.horizon_start[:, None] + np.arange(self.windows.horizon)

    @cached_property
    def truths(self) -> Numbers:
        """The truths; the forecast is still open (NaN)."""
        observed = self.known.observed[self.rows]
        return Numbers(
            truth=np.where(observed, self.known.values[self.rows], np.nan),
            forecast=np.full(observed.shape, np.nan),
            observed=observed,
            sequence=self.windows.sequence,
            keys=tuple(self.data.sequences["key"].to_list()),
            targets=tuple(self.data.about.columns[position].name for position in self.data.having("target")),
            levels=self.made.levels or LEVELS,
        )

    @cached_property
    def made(self) -> Forecasts:
        """What the model forecasts for the windows; baselines are held against the truth at the same levels."""
        return self.predictor.distribution(known_by(self.data, self.part), self.windows.horizon_start)

    def of_model(self) -> Numbers:
        """The model's forecasts. Raises `ModelError` where they do not fit the windows, or are not finite."""
        forecast = self.made.values
        expected = self.truths.truth.shape
        if forecast.shape != expected:
            rule = f"the model forecasts {_sizes(forecast.shape)}, the data has {_sizes(expected)}"
            raise ModelError(f"{rule}: score a model on the window and the targets that it was trained for")
        if odd := int((~np.isfinite(forecast)).sum()):
            rule = f"{odd} of the model's {forecast.size} forecasts of {self.part.name} are not finite"
            raise ModelError(f"{rule}: train again with a smaller learning rate, or clip the gradients")
        return replace(self.truths, forecast=forecast, quantiles=self.made.quantiles)

    def of_baselines(self) -> dict[BaselineName, Numbers | str]:
        """Naive, seasonal naive and drift for the same windows, or why one cannot forecast them all."""
        starts, horizon, season = self.windows.horizon_start, self.windows.horizon, self.season
        seasonal: Numbers | str = "no season follows from the step between rows: set `season`"
        if season is not None:
            made = seasonal_naive(self.known, starts, horizon, season)
            seasonal = self._baseline(made, f"nothing was observed whole seasons of {season} rows before")
        return {
            "naive": self._baseline(naive(self.known, starts, horizon), "nothing was observed before"),
            "seasonal_naive": seasonal,
            "drift": self._baseline(drift(self.known, starts, horizon), "nothing was observed before"),
        }

    def rescaled(self, cases: Numbers) -> Numbers:
        """The forecasts in the units of the scores, with the scale that the MASE divides by."""
        truth = self.in_units("target", cases.truth, cases.sequence)
        forecast = self.in_units("target", cases.forecast, cases.sequence)
        quantiles = cases.quantiles
        if quantiles is not None:  # the transforms find the columns last
            by_target = np.moveaxis(quantiles, -1, 2)
            quantiles = np.moveaxis(self.in_units("target", by_target, cases.sequence), 2, -1)
        return replace(cases, truth=truth, forecast=forecast, quantiles=quantiles, scale=self.scale)

    @cached_property
    def scale(self) -> Float64[ndarray, "sequence target"] | None:
        """The in-sample error of the seasonal naive forecast on the train rows; none without a season."""
        if self.season is None:
            return None
        values = self.in_units("target", self.known.values, self.data.sequence_of_row)
        train: Bool[ndarray, " row"] = self.data.rows_of(PartOf.train)
        return seasonal_scale(values, self.known.observed & train[:, None], self.known.offsets, self.season)

    def score(self, name: MetricName, cases: Numbers) -> float:
        """One metric over every observed value of the horizons."""
        return NUMBER_METRICS[name](cases)

    def unit(self) -> str:
        """The targets' unit; several are joined, for such scores mix them."""
        if self.units == "normalized":
            return "normalized"
        columns = (self.data.about.columns[position] for position in self.data.having("target"))
        return " and ".join(dict.fromkeys(column.unit or f"unit of {column.name}" for column in columns))

    def details(self, scored: Mapping[str, Numbers], /) -> dict[str, Any]:
        """`steps`: the scores at each step of the horizon; `targets`: those of each target, where there are several."""
        steps = {by: [cases.at_step(step) for step in range(self.windows.horizon)] for by, cases in scored.items()}
        found = {
            name: {by: [self.score(name, one) for one in each] for by, each in steps.items()} for name in self.names
        }
        targets = self.truths.targets
        if len(targets) == 1:
            return {"steps": found}
        apart = {
            target: {by: self.scores(cases.of_target(place)) for by, cases in scored.items()}
            for place, target in enumerate(targets)
        }
        return {"steps": found, "targets": apart}

    def series(self, scored: Mapping[str, Numbers], /) -> pl.DataFrame:
        """Scores of every series by itself."""
        sequence = self.windows.sequence
        bounds = np.flatnonzero(np.diff(sequence, prepend=-1, append=-1))
        lines = []
        for first, end in pairwise(bounds.tolist()):
            key, chosen = self.truths.keys[sequence[first]], np.arange(first, end)
            for by, cases in scored.items():
                found = self.scores(cases.of_cases(chosen))
                lines += [(self.part.name, key, len(chosen), by, name, score) for name, score in found.items()]
        return pl.DataFrame(lines, ["part", "series", "cases", "by", "metric", "score"], orient="row")

    def predictions(self, made: Mapping[str, Numbers]) -> pl.DataFrame:
        """One line per window, step and target column; `row` is the row in the data set."""
        windows, horizon, targets = self.count, self.windows.horizon, self.truths.targets
        grid = np.indices((windows, horizon, len(targets))).reshape(3, -1)
        rows = np.repeat(self.rows.reshape(-1), len(targets))
        keys = pl.Series("series", self.truths.keys, dtype=pl.String)
        return pl.DataFrame(
            [
                pl.repeat(self.part.name, len(rows), eager=True).alias("part"),
                pl.Series("window", grid[0]),
                keys.gather(self.windows.sequence[grid[0]]),
                pl.Series("step", grid[1] + 1),
                *self._times(rows),
                pl.Series("row", rows),
                pl.Series("column", targets, dtype=pl.String).gather(grid[2]).alias("column"),
                pl.Series("truth", self.truths.truth.reshape(-1)).fill_nan(None),
                *(
                    pl.Series("forecast" if by == "model" else by, cases.forecast.reshape(-1)).fill_nan(None)
                    for by, cases in made.items()
                ),
                *_quantiles(made["model"]),
            ]
        )

    def _times(self, rows: Int64[ndarray, " line"]) -> list[pl.Series]:
        axis = self.data.about.time
        return [] if self.data.times is None or axis is None else [shown_times(self.data.times[rows], axis)]

    def _baseline(self, forecast: Float64[ndarray, "case step target"], why: str) -> Numbers | str:
        lacking = (np.isnan(forecast) & self.truths.observed).any(axis=(1, 2))
        if lacking.any():
            return f"{why} for {int(lacking.sum())} of {self.count} windows"
        return self.truths.forecast_by(forecast)


def _quantiles(cases: Numbers) -> list[pl.Series]:
    """A column for each level: `q10`, `q50`, …"""
    if cases.quantiles is None:
        return []
    by_level = enumerate(cases.levels)
    return [pl.Series(quantile_name(level), cases.quantiles[..., place].reshape(-1)) for place, level in by_level]


def _sizes(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} steps of {shape[2]} targets" if len(shape) == 3 else f"an array of shape {shape}"
