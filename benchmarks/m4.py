"""The M4 competition's hourly series: 414 of them, the official last 48 hours to forecast, a season of 24.

Source: Makridakis, Spiliotis and Assimakopoulos 2020, The M4 Competition, doi:10.1016/j.ijforecast.2019.04.014.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Values = NDArray[np.float64]
CONTEXT, HORIZON, SEASON, BATCH = 168, 48, 24, 256
TIMED_SERIES, TIMED_STRIDE = 24, 8
"""What an epoch of the timed part is cut from: a few steps of 256 windows."""


class Hourly(NamedTuple):
    """Names, the series to learn from, and what came after."""

    names: list[str]
    train: list[Values]
    test: list[Values]


def hourly(data: Path) -> Hourly:
    """The competition's files, read from `forecast/m4_hourly` of the folder of benchmark data."""
    names, train = _read(data / "forecast" / "m4_hourly" / "Hourly-train.csv")
    _, test = _read(data / "forecast" / "m4_hourly" / "Hourly-test.csv")
    return Hourly(names, train, test)


def frame(data: Path) -> pl.DataFrame:
    """series, hour (counted from 0), value; the official test rows stand at each series' end."""
    series = hourly(data)
    whole = [np.concatenate(pair) for pair in zip(series.train, series.test, strict=True)]
    return pl.DataFrame(
        {
            "series": np.repeat(np.array(series.names), [len(values) for values in whole]),
            "hour": np.concatenate([np.arange(len(values)) for values in whole]),
            "value": np.concatenate(whole),
        }
    )


def scores(forecast: Values, series: Hourly) -> dict[str, float]:
    """sMAPE in percent and MASE, the means over all series."""
    truth = np.stack(series.test)
    error = np.abs(forecast - truth)
    scale = np.array([np.abs(values[SEASON:] - values[:-SEASON]).mean() for values in series.train])
    return {
        "smape": float(200 * (error / (np.abs(forecast) + np.abs(truth))).mean()),
        "mase": float((error / scale[:, None]).mean()),
    }


def seasonal_naive(series: Hourly) -> Values:
    """The last day, twice."""
    return np.stack([np.tile(values[-SEASON:], HORIZON // SEASON) for values in series.train])


def windows(lengths: Sequence[int], stride: int) -> int:
    """How many windows series of these lengths give."""
    return sum(max(0, (length - CONTEXT - HORIZON) // stride + 1) for length in lengths)


def _read(file: Path) -> tuple[list[str], list[Values]]:
    with file.open(newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    return [row[0] for row in rows], [np.array([float(value) for value in row[1:] if value]) for row in rows]
