"""A fault: files, the spec's `load`, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl

KINDS = ("csv", "tsv", "parquet", "arrow", "ndjson")
ROWS = (0, 3, 57, 101, 118)
"""Rows that faults are put into: the first, early, in the middle, behind the hundredth, near the end."""

SERIES: Mapping[str, Any] = {"time": "t", "target": ["kwh"], "past": ["temp"]}
SAMPLES: Mapping[str, Any] = {"sample": "id", "features": ["x"], "label": "mood"}
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Fault(NamedTuple):
    """Files by name, and the error that they must bring about, or the repairs where `message` is empty."""

    files: Mapping[str, bytes]
    message: str = ""
    column: str | None = None
    row: int | None = None
    roles: Mapping[str, Any] = SERIES
    more: Mapping[str, Any] = NOTHING
    repairs: Mapping[str, int] = NOTHING
    accepted: pl.DataFrame | None = None
    """The data of the contract that it is held against."""
    then: Mapping[str, Any] = NOTHING
    """`split` and `window`, where the fault shows only there."""


def meters(rows: int = 120) -> pl.DataFrame:
    """Hourly rows of one meter."""
    draw = np.random.default_rng(5)
    times = [datetime(2024, 1, 1) + timedelta(hours=hour) for hour in range(rows)]
    return pl.DataFrame({"t": times, "kwh": draw.gamma(3, 2, rows), "temp": draw.normal(8, 4, rows)})


def moods(samples: int = 40) -> pl.DataFrame:
    """Short samples of two classes."""
    draw = np.random.default_rng(6)
    number = np.repeat(np.arange(samples), 4)
    return pl.DataFrame(
        {
            "id": number,
            "x": draw.normal(size=4 * samples),
            "colour": np.where(number % 2, "red", "blue"),
            "mood": np.where(number % 4 == 0, "wild", "calm"),
        }
    )


def stored(frame: pl.DataFrame, kind: str) -> bytes:
    """The bytes of a table."""
    out = BytesIO()
    if kind == "csv":
        frame.write_csv(out)
    elif kind == "tsv":
        frame.write_csv(out, separator="\t")
    elif kind == "parquet":
        frame.write_parquet(out)
    elif kind == "arrow":
        frame.write_ipc(out)
    else:
        frame.write_ndjson(out)
    return out.getvalue()


def with_value(frame: pl.DataFrame, row: int, column: str, value: Any) -> pl.DataFrame:
    """One value replaced; a text makes the column text."""
    values = frame[column].cast(pl.String) if isinstance(value, str) else frame[column]
    changed = values.to_list()
    changed[row] = value
    return frame.with_columns(pl.Series(column, changed, dtype=values.dtype))


def five(of: Callable[[int], pl.DataFrame], message: str, column: str) -> list[Fault]:
    """The same fault in five kinds of files and five rows."""
    return [
        Fault({f"f.{kind}": stored(of(row), kind)}, message, column, row + 1)
        for kind, row in zip(KINDS, ROWS, strict=True)
    ]


def held(frame: pl.DataFrame, before: pl.DataFrame, message: str = "", **more: Any) -> list[Fault]:
    """Data that differs from that of its contract, in five kinds of files."""
    return [Fault({f"f.{kind}": stored(frame, kind)}, message, accepted=before, **more) for kind in KINDS]
