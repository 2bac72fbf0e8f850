"""`python -m benchmarks.prepare`: the files that benchmarks/specs read, made from the folder of benchmark data."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.m4 import hourly
from benchmarks.process import ROOT

DATA = Path(os.environ.get("RNN_BENCH_DATA", ROOT.parent / "shared" / "data"))
PREPARED = Path(os.environ.get("RNN_BENCH_PREPARED", ROOT / ".bench" / "prepared"))


def prepared(names: list[str]) -> Path:
    """The folder of the prepared files, those of `names` in it; a file that is there already is left as it is."""
    PREPARED.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in MAKERS and not (PREPARED / name).exists():
            MAKERS[name]().write_parquet(PREPARED / name)
    return PREPARED


def m4_hourly() -> pl.DataFrame:
    """Long form: series, hour (counted from 0), value; the official test rows stand at each series' end."""
    series = hourly(DATA)
    whole = [np.concatenate(pair) for pair in zip(series.train, series.test, strict=True)]
    return pl.DataFrame(
        {
            "series": np.repeat(np.array(series.names), [len(values) for values in whole]),
            "hour": np.concatenate([np.arange(len(values)) for values in whole]),
            "value": np.concatenate(whole),
        }
    )


MAKERS: Mapping[str, Callable[[], pl.DataFrame]] = {"m4-hourly.parquet": m4_hourly}
"""What makes each file. A spec's own data is one function and one line here."""

if __name__ == "__main__":
    print(prepared(list(MAKERS)))
