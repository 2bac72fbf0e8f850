"""A CSV file of a million rows as a table: with rnnlib's source, or with polars' own reader that is given the types."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.serving import Action
from rnnlib.data.sources import Csv
from rnnlib.place import File

ROWS = 1_000_000
TYPES = {"meter": pl.Int64, "at": pl.String, "load": pl.Float64, "price": pl.Float64, "place": pl.String}


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """`how` is `polars`, `rnnlib` or `digest`: what the file's sha256 takes, which a run needs once more."""
    file = Path(tempfile.mkdtemp()) / "load.csv"
    _frame().write_csv(file)
    read: Mapping[str, Callable[[], object]] = {
        "polars": lambda: pl.read_csv(file, schema=TYPES),
        "rnnlib": lambda: Csv(path="load.csv").read_files([File("load.csv", file)]),
        "digest": lambda: hashlib.sha256(file.read_bytes()).hexdigest(),
    }
    once = read[options["how"]]

    def measure(amount: int) -> dict[str, Any]:
        begin = time.perf_counter()
        for _ in range(amount):
            once()
        seconds = (time.perf_counter() - begin) / amount
        return {"rate": ROWS / seconds, "milliseconds": 1000 * seconds}

    return {"measure": measure}


def _frame() -> pl.DataFrame:
    draw, number = np.random.default_rng(1), np.arange(ROWS)
    at = pl.Series(number % 1000 * 3_600_000_000).cast(pl.Datetime("us")).dt.strftime("%Y-%m-%d %H:%M")
    values = {"load": draw.normal(size=ROWS).round(4), "price": draw.normal(100, 20, ROWS).round(2)}
    return pl.DataFrame(
        {"meter": number // 1000, "at": at, **values, "place": draw.choice(["Oslo", "Bergen", "Tromsø"], ROWS)}
    )
