"""Predictions as tables, in the names and types of the source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from jaxtyping import Float64, Int64
from numpy import ndarray

from rnnlib.data.batching.next_tokens import token_stretches
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.times.time import shown_times
from rnnlib.errors import DataError
from rnnlib.forecasts import Forecasts, quantile_name
from rnnlib.upcoming import upcoming

if TYPE_CHECKING:
    from rnnlib.predictor import Predictor


def forecasts_table(predictor: Predictor, data: DataSet) -> pl.DataFrame:
    """The rows behind the last known target of every series."""
    trained = predictor.bundle.about
    window = trained.window
    assert window is not None, "a forecaster was trained on windows"
    ahead = upcoming(data, window["context"] + predictor.behind, window["horizon"], trained=trained)
    made = predictor.distribution(ahead.data, ahead.starts)
    count, steps = made.values.shape[:2]
    columns = _keys(data, "series", np.repeat(np.arange(count), steps))
    if ahead.times is not None and data.about.time is not None:
        columns.append(shown_times(ahead.times, data.about.time).alias(data.about.names["time"]))
    else:
        columns.append(pl.Series("step", np.tile(np.arange(1, steps + 1), count)))
    for place, position in enumerate(data.having("target")):
        columns += _columns(data.about.columns[position].name, made, place)
    return _table(columns)


def classes_table(predictor: Predictor, data: DataSet) -> pl.DataFrame:
    """A row for every sample: its class, and the probability of each."""
    assert predictor.classes is not None, "a classifier knows its classes"
    every = np.arange(len(data.lengths))
    made = predictor.probabilities(data, every)
    label = _class(predictor, _label(predictor), made.argmax(axis=1))
    return _table([*_keys(data, "sample", every), label, *_shares(predictor.classes, made)])


def values_table(predictor: Predictor, data: DataSet) -> pl.DataFrame:
    """A row for every sample: its number."""
    every = np.arange(len(data.lengths))
    made = predictor.values_of(data, every)
    return _table([*_keys(data, "sample", every), pl.Series(_label(predictor), made)])


def tags_table(predictor: Predictor, data: DataSet) -> pl.DataFrame:
    """A row for every step of every sample."""
    every = np.arange(len(data.lengths))
    told, about = predictor.steps_of(data, every), predictor.bundle.about
    columns = _keys(data, "sample", data.sequence_of_row)
    if data.times is not None and data.about.time is not None:
        columns.append(shown_times(data.times, data.about.time).alias(about.names["time"]))
    else:
        columns.append(pl.Series("step", np.arange(data.rows) - data.offsets[data.sequence_of_row] + 1))
    if predictor.classes is None:
        columns += [pl.Series(name, told.best[:, place]) for place, name in enumerate(about.tags)]
        names = about.tags
    else:
        columns.append(_class(predictor, about.tags[0], told.best[:, 0]))
        names = predictor.classes
    return _table([*columns, *_shares(names, told.probabilities)])


def texts_table(predictor: Predictor, data: DataSet) -> pl.DataFrame:
    """A row for every text: its tokens, and how surprising they are."""
    every = np.arange(len(data.lengths))
    examples = token_stretches(data, PartOf.test, (predictor.bundle.about.window or {}).get("context"))
    nats = predictor.surprises(data, examples)
    of = np.repeat(examples.sequence, examples.length)
    count = np.bincount(of, minlength=len(every))
    mean = np.bincount(of, nats, len(every)) / np.maximum(count, 1)
    nll = pl.Series("nll", np.where(count > 0, mean, np.nan)).fill_nan(None)
    return _table([*_keys(data, "sample", every), pl.Series("tokens", count), nll, nll.exp().alias("perplexity")])


TABLES: Mapping[str, Callable[[Predictor, DataSet], pl.DataFrame]] = {
    "forecaster": forecasts_table,
    "classifier": classes_table,
    "regressor": values_table,
    "tagger": tags_table,
    "language_model": texts_table,
}
"""What writes the table, by the kind of model."""


def _label(predictor: Predictor) -> str:
    return predictor.bundle.about.names["label"]


def _keys(data: DataSet, role: str, sequence: Int64[ndarray, " rows"]) -> list[pl.Series]:
    """The column that names the sequences, where there is one; what is asked names its own, not as train did.

    Texts without names have the numbers of their rows, from 1.
    """
    name = data.about.names.get(role)
    if name is None:
        return [pl.Series("row", sequence + 1)] if data.about.roles.get("text") else []
    return [_as_it_came(data.sequences["key"].gather(sequence).alias(name), data.about.types.get(name))]


def _class(predictor: Predictor, name: str, places: Int64[ndarray, " rows"]) -> pl.Series:
    """The classes at these places, as train had them."""
    column = pl.Series(name, predictor.classes, dtype=pl.String).gather(places)
    return _as_it_came(column, predictor.bundle.about.types.get(name))


def _as_it_came(column: pl.Series, kind: str | None) -> pl.Series:
    """Keys and labels are text within; numbers and truths go out as what they were."""
    if kind == "true or false":
        return column.is_in(["1", "true"])
    if kind == "number":
        return column.cast(pl.Float64)
    whole = column.cast(pl.Int64, strict=False) if kind == "whole number" else column
    return column if whole.null_count() else whole  # none is lost that 64 bits do not hold


def _table(columns: Sequence[pl.Series]) -> pl.DataFrame:
    """The columns side by side; raises `DataError` where two have one name."""
    names = [column.name for column in columns]
    if twice := next((name for at, name in enumerate(names) if name in names[:at]), None):
        rule = "a prediction has a column of its own by this name, and so has the data"
        raise DataError(f"{rule}: rename it there, and train again", column=twice)
    return pl.DataFrame(columns)


def _columns(name: str, made: Forecasts, target: int) -> list[pl.Series]:
    """The forecast of one target, and `<target>_q10`, … where there are quantiles."""
    point = pl.Series(name, made.values[:, :, target].reshape(-1))
    if made.quantiles is None:
        return [point]
    quantiles = (made.quantiles[:, :, target, number].reshape(-1) for number in range(len(made.levels)))
    names = (f"{name}_{quantile_name(level)}" for level in made.levels)
    return [point, *map(pl.Series, names, quantiles)]


def _shares(names: Sequence[str], probabilities: Float64[ndarray, "case name"]) -> list[pl.Series]:
    return [pl.Series(f"p_{name}", probabilities[:, place]) for place, name in enumerate(names)]
