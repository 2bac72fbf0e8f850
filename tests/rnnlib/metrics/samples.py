"""Small data sets, and models that predict without having been trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from rnnlib.data.about import About, Column, TimeAxis
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.normalizers import Standard
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.forecasts import Forecasts

CONTEXT, HORIZON = 5, 3


def series(*, missing: float = 0.0, normalized: bool = False, targets: int = 1) -> DataSet:
    """Two hourly series of 60 and 40 rows: 60 % train, 20 % validation, 20 % test."""
    draw = np.random.default_rng(4)
    lengths = np.array([60, 40])
    offsets = np.concatenate([[0], lengths.cumsum()])
    step = np.concatenate([np.arange(length) for length in lengths])
    raw = 20 + 5 * np.sin(step[:, None] / 2 + np.arange(targets)) + draw.normal(0, 1, (100, targets))
    raw = np.concatenate([raw, draw.normal(0, 1, (100, 1))], axis=1)
    observed = draw.random(raw.shape) >= missing
    share = np.concatenate([np.arange(length) / length for length in lengths])
    part = np.select([share < 0.6, share < 0.8], [PartOf.train, PartOf.validation], PartOf.test).astype(np.int8)
    names = [("load", "kW"), ("heat", "MW")][:targets]
    columns = (*(Column(name=name, role="target", unit=unit) for name, unit in names), Column(name="wind", role="past"))
    about = About(
        columns=columns,
        time=TimeAxis(every="1h"),
        names={"series": "meter", "time": "ts"},
        window={"context": CONTEXT, "horizon": HORIZON, "stride": 1},
    )
    data = DataSet(
        about=about,
        raw=np.where(observed, raw, np.nan),
        offsets=offsets,
        sequences=pl.DataFrame({"key": ["a", "b"]}),
        times=(1_600_000_000 + 3600 * step) * 1_000_000,
        observed=observed,
        part=part,
    )
    data = data.with_about(holdout=data.holdout_digest())
    return transformed(data, fit_transforms(data, {"target": Standard()})) if normalized else data


def labelled(labels: list[object], parts: list[PartOf]) -> DataSet:
    """Sequences of one feature and of different lengths, one label each."""
    lengths = 3 + np.arange(len(labels)) % 4
    rows = int(lengths.sum())
    data = DataSet(
        about=About(columns=(Column(name="v", role="features"),), names={"label": "what", "sample": "id"}),
        raw=np.random.default_rng(0).normal(size=(rows, 1)),
        offsets=np.concatenate([[0], lengths.cumsum()]),
        sequences=pl.DataFrame({"key": [f"s{number}" for number in range(len(labels))], "label": labels}),
        part=np.repeat(np.array(parts, np.int8), lengths),
    )
    return data.with_about(holdout=data.holdout_digest())


@dataclass(frozen=True)
class Guesses:
    """A model whose predictions a test writes down."""

    kind: str
    predict: Callable[[DataSet, np.ndarray], np.ndarray]
    classes: tuple[str, ...] | None = None

    def forecast(self, data, horizon_starts):
        return self.predict(data, horizon_starts)

    def distribution(self, data, horizon_starts):
        made = self.predict(data, horizon_starts)
        return made if isinstance(made, Forecasts) else Forecasts(made)

    def probabilities(self, data, sequences):
        return self.predict(data, sequences)

    def values_of(self, data, sequences):
        return self.predict(data, sequences)

    def steps_of(self, data, sequences):
        return self.predict(data, sequences)

    def surprises(self, data, examples):
        return self.predict(data, examples)


def a_bit_high(data: DataSet, starts: np.ndarray) -> np.ndarray:
    """The mean of what was observed in the context and 1 more; 1 where nothing was."""
    targets = data.having("target")
    rows = starts[:, None] - 1 - np.arange(CONTEXT)
    shown = data.raw[rows][..., targets]
    level = np.nansum(shown, axis=1) / np.maximum(np.isfinite(shown).sum(axis=1), 1) + 1
    return np.repeat(level[:, None], HORIZON, axis=1)
