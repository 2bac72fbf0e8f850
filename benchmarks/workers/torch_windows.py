"""Windows with PyTorch: a Dataset that cuts one per item behind a DataLoader, or the limits, plain copies."""

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
    """`how` is `loader`, `copy` or `memory`, `data` a name in `SERIES`."""
    torch.set_num_threads(options["threads"])
    batches = {"loader": _loader, "copy": _copy, "memory": _copy_of_memory}[options["how"]](
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


RING = 256
"""Batches that are copied in turn: a quarter of a gigabyte on either side."""

VALUES = BATCH * (CONTEXT + HORIZON) * COLUMNS
"""In a batch."""


def _copy(series: Tensor, first: list[int]) -> Callable[[int], None]:
    """As many bytes as a batch has, from anywhere in the series to the same place again and again."""
    flat, target = series.reshape(-1), torch.empty(VALUES)
    places = [COLUMNS * min(at, len(series) - VALUES // COLUMNS) for at in random.sample(first, 1024)]

    def batches(amount: int) -> None:
        for number in range(amount):
            at = places[number % len(places)]
            target.copy_(flat[at : at + VALUES])

    return batches


def _copy_of_memory(_series: Tensor, _first: list[int]) -> Callable[[int], None]:
    """As many bytes as a batch has, from one place to another, each so long ago that no cache of a core holds it."""
    source, target = torch.randn(RING, VALUES), torch.zeros(RING, VALUES)

    def batches(amount: int) -> None:
        for number in range(amount):
            target[number % RING].copy_(source[number % RING])

    return batches
