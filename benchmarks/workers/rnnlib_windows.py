"""Windows with rnnlib: `rnnlib.data.batching.batches`, as training is fed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
import polars as pl
import torch

from benchmarks.serving import Action
from benchmarks.windowing import BATCH, COLUMNS, CONTEXT, HORIZON, SERIES, rows
from rnnlib.data.about import About, Column
from rnnlib.data.batching.batches import batches, examples_of
from rnnlib.data.dataset import DataSet, PartOf


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """All columns are inputs and targets: a batch holds as many values as the peers' do."""
    torch.set_num_threads(options["threads"])
    values = rows(options["data"])
    series, length = SERIES[options["data"]]
    columns = tuple(Column(name=f"x{number}", role="target") for number in range(COLUMNS))
    data = DataSet(
        about=About(columns=columns, window={"context": CONTEXT, "horizon": HORIZON, "stride": 1}),
        raw=values.astype(np.float64),
        offsets=np.arange(series + 1) * length,
        sequences=pl.DataFrame({"key": [str(number) for number in range(series)]}),
        part=np.zeros(len(values), np.int8),
    )
    examples = examples_of(data, PartOf.train)

    def measure(amount: int) -> dict[str, Any]:
        order = torch.randperm(len(examples))
        begin = time.perf_counter()
        for _ in islice(batches(data, examples, order, BATCH), amount):
            pass
        return {"rate": amount * BATCH / (time.perf_counter() - begin)}

    return {"measure": measure}
