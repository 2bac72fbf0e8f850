"""Windows with PyTorch: a Dataset that cuts one per item behind a DataLoader, or the limits, plain copies."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from functools import partial
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
    """`how` is `loader`, `copy`, `place` or `memory`, `data` a name in `SERIES`."""
    torch.set_num_threads(options["threads"])
    made = {"loader": _loader, "copy": _copy, "place": partial(_copy, targets=1), "memory": _copy_of_memory}
    batches = made[options["how"]](torch.from_numpy(rows(options["data"])), starts(options["data"]).tolist())

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


def _copy(series: Tensor, first: list[int], targets: int = 2) -> Callable[[int], None]:
    """As many bytes as a batch has, from anywhere in the series.

    Into two places in turn, as whoever makes batches has to: what was made last is still held while the next is made.
    """
    flat, memory = series.reshape(-1), [torch.empty(VALUES) for _ in range(targets)]
    places = [COLUMNS * min(at, len(series) - VALUES // COLUMNS) for at in random.sample(first, 1024)]

    def batches(amount: int) -> None:
        for number in range(amount):
            at = places[number % len(places)]
            memory[number % targets].copy_(flat[at : at + VALUES])

    return batches


def _copy_of_memory(_series: Tensor, _first: list[int]) -> Callable[[int], None]:
    """As many bytes as a batch has, from one place to another, each so long ago that no cache of a core holds it."""
    source, target = torch.randn(RING, VALUES), torch.zeros(RING, VALUES)

    def batches(amount: int) -> None:
        for number in range(amount):
            target[number % RING].copy_(source[number % RING])

    return batches
