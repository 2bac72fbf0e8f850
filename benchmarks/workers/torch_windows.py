"""Windows with PyTorch: a Dataset that cuts one per item behind a DataLoader, or the limit, a plain copy."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from benchmarks.serving import Action
from benchmarks.windowing import BATCH, COLUMNS, CONTEXT, HORIZON, rows


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """Every window of a series, one per item."""

    def __init__(self, series: Tensor) -> None:
        self.series = series

    def __len__(self) -> int:
        return len(self.series) - CONTEXT - HORIZON + 1

    def __getitem__(self, at: int) -> tuple[Tensor, Tensor]:
        middle = at + CONTEXT
        return self.series[at:middle], self.series[middle : middle + HORIZON]


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """`how` is `loader` or `copy`."""
    torch.set_num_threads(options["threads"])
    batches = {"loader": _loader, "copy": _copy}[options["how"]](torch.from_numpy(rows()))

    def measure(amount: int) -> dict[str, Any]:
        begin = time.perf_counter()
        batches(amount)
        return {"rate": amount * BATCH / (time.perf_counter() - begin)}

    return {"measure": measure}


def _loader(series: Tensor) -> Callable[[int], None]:
    loader = DataLoader(Windows(series), batch_size=BATCH, shuffle=True)

    def batches(amount: int) -> None:
        for _, _batch in zip(range(amount), loader, strict=False):
            pass

    return batches


def _copy(series: Tensor) -> Callable[[int], None]:
    """As many bytes as a batch has, from one place of memory to another."""
    values = BATCH * (CONTEXT + HORIZON) * COLUMNS
    flat, target = series.reshape(-1), torch.empty(values)
    places = torch.randint(0, len(flat) - values, (1024,)).tolist()

    def batches(amount: int) -> None:
        for number in range(amount):
            at = places[number % len(places)]
            target.copy_(flat[at : at + values])

    return batches
