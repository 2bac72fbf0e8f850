"""Windows with PyTorch: a Dataset that cuts one per item behind a DataLoader, or the limit, a plain copy."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from benchmarks.serving import Action
from benchmarks.windowing import BATCH, COLUMNS, CONTEXT, HORIZON, rows, starts


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """Every window of the series, one per item."""

    def __init__(self, series: Tensor, first: list[int]) -> None:
        self.series, self.first = series, first

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        at = self.first[number]
        middle = at + CONTEXT
        return self.series[at:middle], self.series[middle : middle + HORIZON]


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """`how` is `loader` or `copy`, `data` a name in `SERIES`."""
    torch.set_num_threads(options["threads"])
    batches = {"loader": _loader, "copy": _copy}[options["how"]](
        torch.from_numpy(rows(options["data"])), starts(options["data"]).tolist()
    )

    def measure(amount: int) -> dict[str, Any]:
        begin = time.perf_counter()
        batches(amount)
        return {"rate": amount * BATCH / (time.perf_counter() - begin)}

    return {"measure": measure}


def _loader(series: Tensor, first: list[int]) -> Callable[[int], None]:
    loader = DataLoader(Windows(series, first), batch_size=BATCH, shuffle=True)

    def batches(amount: int) -> None:
        for _, _batch in zip(range(amount), loader, strict=False):
            pass

    return batches


def _copy(series: Tensor, first: list[int]) -> Callable[[int], None]:
    """As many bytes as a batch has, from one place of memory to another."""
    values = BATCH * (CONTEXT + HORIZON) * COLUMNS
    flat, target = series.reshape(-1), torch.empty(values)
    places = [COLUMNS * min(at, len(series) - values // COLUMNS) for at in random.sample(first, 1024)]

    def batches(amount: int) -> None:
        for number in range(amount):
            at = places[number % len(places)]
            target.copy_(flat[at : at + values])

    return batches
