"""Small data sets made in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from rnnlib.data.about import About, Column, TimeAxis
from rnnlib.data.dataset import DataSet

HOUR = 3_600_000_000
DAY = 24 * HOUR


def series(
    lengths: Sequence[int],
    *,
    columns: Sequence[tuple[str, str]] = (("y", "target"),),
    step: int = HOUR,
    start: str = "2020-01-01",
    axis: TimeAxis | None = None,
    seed: int = 0,
) -> DataSet:
    """Series with regular times; values are random and differ from row to row."""
    draw = np.random.default_rng(seed)
    first = int(np.datetime64(start, "us").astype(np.int64))
    return DataSet(
        about=About(columns=tuple(Column(name=name, role=role) for name, role in columns), time=axis or TimeAxis()),
        raw=draw.normal(5, 2, (sum(lengths), len(columns))),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        sequences=pl.DataFrame({"key": [f"s{number}" for number in range(len(lengths))]}),
        times=np.concatenate([first + step * np.arange(length) for length in lengths]).astype(np.int64),
    )


def samples(
    labels: Sequence[object],
    *,
    lengths: Sequence[int] | None = None,
    features: int = 2,
    groups: Sequence[str] | None = None,
    seed: int = 0,
) -> DataSet:
    """Whole sequences with labels, of 1 to 7 rows unless said."""
    draw = np.random.default_rng(seed)
    lengths = draw.integers(1, 8, len(labels)) if lengths is None else lengths
    table = {"key": [f"s{number}" for number in range(len(labels))], "label": list(labels)}
    return DataSet(
        about=About(columns=tuple(Column(name=f"v{number}", role="features") for number in range(features))),
        raw=draw.normal(0, 1, (int(sum(lengths)), features)),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        sequences=pl.DataFrame(table if groups is None else {**table, "group": list(groups)}),
    )
