"""M4 hourly with rnnlib: the `train` section of a spec, timed on the windows of the hand-written training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.clock import Moment, between, now
from benchmarks.m4 import BATCH, CONTEXT, HORIZON, TIMED_SERIES, TIMED_STRIDE, Hourly, hourly, windows
from benchmarks.process import ROOT
from benchmarks.serving import Action
from rnnlib.data.about import About, Column
from rnnlib.data.dataset import DataSet
from rnnlib.training import Training, fit, shape_of
from rnnlib.yaml import read

SPECS = ROOT / "benchmarks" / "specs"


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """`spec` names the file; `train` times the steps of `fit`, those of its first epoch left out."""
    document = read((SPECS / f"{options['spec']}.yaml").read_text()).value
    assert isinstance(document, dict), "a spec is a mapping"
    written = {**document["steps"]["train"], "batch": BATCH, "threads": options["threads"]}
    section = Training.model_validate({**written, **options.get("section", {})})
    data = _data(hourly(Path(options["data"])))
    shape, examples = shape_of(data, None), windows([int(length) for length in data.lengths], TIMED_STRIDE)

    def train(epochs: int) -> dict[str, Any]:
        ends: list[Moment] = []
        several = section.model_copy(update={"epochs": 1 + epochs})
        fit(several, data, shape, seed=1, report=lambda _epoch, _record: ends.append(now()))
        return between(ends[0], ends[-1], epochs * examples)

    return {"train": train}


def _data(series: Hourly) -> DataSet:
    chosen = series.train[:TIMED_SERIES]
    flat = np.concatenate(chosen)[:, None]
    scaled = np.concatenate([(values - values.mean()) / values.std() for values in chosen])[:, None]
    return DataSet(
        about=About(
            columns=(Column(name="value", role="target"),),
            window={"context": CONTEXT, "horizon": HORIZON, "stride": TIMED_STRIDE},
        ),
        raw=flat,
        offsets=np.cumsum([0, *map(len, chosen)]),
        sequences=pl.DataFrame({"key": series.names[:TIMED_SERIES]}),
        part=np.zeros(len(flat), np.int8),
        normalized=scaled.astype(np.float32),
    )
