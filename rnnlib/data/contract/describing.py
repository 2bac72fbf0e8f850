"""A data set is described as a contract: in one pass over all rows, and by quantiles of evenly spaced ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from rnnlib.data.dataset import DataSet
from rnnlib.data.seen import LEVELS, Contract, SeenColumn
from rnnlib.data.times.time import shown_times

SAMPLED = 20_000
"""Rows that quantiles rest on, evenly spaced: a quantile of so many is off by a percent of the rows at most."""

_CHUNK = 1_000_000
_MOST_COLUMNS = 300
_MOST_CATEGORIES = 1000
_NEW_WORDS = 0.001

Places = Int64[ndarray, " rows"]
"""Numbers of rows."""


def described(data: DataSet, types: Mapping[str, str]) -> Contract:
    """The contract of a data set that was just loaded; `types` are those of the source's columns, in their order.

    Of data with more than 300 columns of numbers only the first 300 are described by their values.
    """
    about, named = data.about, _of_values(data)
    roles = _roles(data)
    order = list(types or roles)  # columns that are made of the times are none of the source
    unit = {column.name: column.unit for column in about.columns}
    columns = (
        SeenColumn(
            name=name,
            type=types.get(name, about.types.get(name, "number")),
            role=roles.get(name),
            unit=unit.get(name),
            **named.get(name, {}),
        )
        for name in order
    )
    lengths = np.quantile(data.lengths, (0, 0.5, 1), method="nearest")
    label, classes, held = _classes(data)
    return Contract(
        columns=tuple(columns),
        rows=data.rows,
        sequences=len(data.lengths),
        lengths=(int(lengths[0]), int(lengths[1]), int(lengths[2])),
        kind=None if about.time is None else about.time.kind,
        every=None if about.time is None else about.time.every,
        zone=None if about.time is None else about.time.zone,
        span=_span(data),
        label=label,
        classes=classes,
        closed=held,
    )


def numbers_seen(values: Float64[ndarray, " rows"]) -> dict[str, float | tuple[float, ...]]:
    """The quantiles and the share of the most frequent one of some numbers; empty where there is none."""
    observed = values[~np.isnan(values)]
    if not len(observed):
        return {}
    _, counts = np.unique(observed, return_counts=True)
    quantiles = tuple(float(value) for value in np.quantile(observed, LEVELS))
    return {"quantiles": quantiles, "commonest": float(counts.max() / len(observed))}


def _roles(data: DataSet) -> dict[str, str]:
    found = {name: role for role, name in data.about.names.items()}
    found |= dict.fromkeys(data.about.tags, "tags")
    found |= dict.fromkeys(data.about.static, "static")
    return found | {column.name: column.role for column in data.about.columns}


def _of_values(data: DataSet) -> dict[str, dict[str, object]]:
    """What is known of the values of each column of the flat array, and of the static ones."""
    count = min(len(data.about.columns), _MOST_COLUMNS)
    least, most, missing = _extremes(data, count)
    spaced, blocks = _evenly(data.rows), _blocks(data)
    found: dict[str, dict[str, object]] = {}
    for at, column in enumerate(data.about.columns[:count]):
        observed = data.rows - int(missing[at])
        facts: dict[str, object] = {"observed": observed, "missing": round(1 - observed / max(data.rows, 1), 9)}
        if column.holds == "words":
            facts["categories"] = _shares(data.raw[:, at], data.about.words.get(column.name, ()))
        elif column.holds == "numbers" and observed:
            facts |= {"least": float(least[at]), "most": float(most[at])}
            facts |= {**numbers_seen(np.asarray(data.raw[spaced, at])), **_changes(data, at, blocks)}
        found[column.name] = facts
    for at, name in enumerate(data.about.static if data.static is not None else ()):
        assert data.static is not None
        if name in data.about.words:
            found[name] = {"categories": _shares(data.static[:, at], data.about.words[name])}
    return found


def _extremes(data: DataSet, count: int) -> tuple[Float64[ndarray, " columns"], ...]:
    """The least and the greatest of every column, and how many values are missing; in pieces, to spare memory."""
    least, most, missing = np.full(count, np.nan), np.full(count, np.nan), np.zeros(count)
    for start in range(0, data.rows, _CHUNK):
        piece = data.raw[start : start + _CHUNK, :count]
        least = np.fmin(least, np.fmin.reduce(piece, axis=0))
        most = np.fmax(most, np.fmax.reduce(piece, axis=0))
        missing += np.isnan(piece).sum(axis=0)
    return least, most, missing


def _evenly(rows: int) -> Places:
    return np.linspace(0, rows - 1, min(rows, SAMPLED)).astype(np.int64)


def _blocks(data: DataSet) -> Places:
    """Rows that follow one of the same sequence: all of them, or those of twenty evenly spaced blocks."""
    starts = np.linspace(0, max(data.rows - 1000, 0), 20).astype(np.int64)
    rows = np.arange(data.rows) if data.rows <= SAMPLED else (starts[:, None] + np.arange(1000)).ravel()
    firsts = data.offsets[np.clip(np.searchsorted(data.offsets, rows), 0, len(data.offsets) - 1)]
    following: Places = rows[(firsts != rows) & (rows > 0)]
    return following


def _changes(data: DataSet, column: int, blocks: Places) -> dict[str, float]:
    """How often a number differs from the one before, and how long it did not at the most."""
    before, after = data.raw[blocks - 1, column], data.raw[blocks, column]
    both: Bool[ndarray, " rows"] = ~np.isnan(before) & ~np.isnan(after)
    place, same = np.arange(len(blocks)), before == after
    goes_on = np.diff(blocks, prepend=-1) == 1
    run = place - np.maximum.accumulate(np.where(~same, place, np.where(goes_on, -1, place - 1)))
    share = float((before != after)[both].mean()) if both.any() else 0.0
    return {"changes": share, "lasting": int(run.max(initial=0)) + 1}


def _shares(codes: Float64[ndarray, " rows"], words: Sequence[str]) -> dict[str, float] | None:
    known = codes[~np.isnan(codes)].astype(np.int64)
    return closed(np.bincount(known, minlength=len(words)), words)


def closed(counts: Int64[ndarray, " words"], words: Sequence[str]) -> dict[str, float] | None:
    """The share of every word, where hardly a new one is to be expected; none where the list is open.

    The chance that the next row brings a new word is about n₁ / n, n₁ the number of words seen once.

    Source: Good 1953, "The population frequencies of species".
    """
    total = int(counts.sum())
    if not total or len(words) > _MOST_CATEGORIES or int((counts == 1).sum()) > _NEW_WORDS * total:
        return None
    return {word: float(count / total) for word, count in zip(words, counts.tolist(), strict=True)}


def _classes(data: DataSet) -> tuple[str | None, dict[str, int] | None, bool]:
    """The column of the classes, how often each was seen, and whether the list is closed; none for numbers."""
    about = data.about
    if data.tags is not None and about.tag_words is not None:
        known = data.tags[~np.isnan(data.tags)].astype(np.int64)
        return about.tags[0], *_counted(np.bincount(known, minlength=len(about.tag_words)), about.tag_words)
    if "label" not in data.sequences.columns or data.sequences["label"].dtype.is_float():
        return None, None, True
    words = data.sequences["label"].drop_nulls().cast(pl.String).value_counts().sort("label")
    return about.names["label"], *_counted(words["count"].cast(pl.Int64).to_numpy(), words["label"].to_list())


def _counted(counts: Int64[ndarray, " words"], words: Sequence[str]) -> tuple[dict[str, int] | None, bool]:
    named = None if len(words) > _MOST_CATEGORIES else dict(zip(words, counts.tolist(), strict=True))
    return named, closed(counts, words) is not None


def _span(data: DataSet) -> tuple[str, str] | None:
    if data.times is None or data.about.time is None or not data.rows:
        return None
    first, last = shown_times(np.array([data.times.min(), data.times.max()]), data.about.time)
    return str(first), str(last)
