"""M4 hourly by hand: two layers of LSTM 128, every series scaled by its own mean and deviation, squared error, Adam."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from benchmarks.clock import between, now
from benchmarks.m4 import BATCH, CONTEXT, HORIZON, TIMED_SERIES, TIMED_STRIDE, hourly, scores
from benchmarks.serving import Action, tune_allocation

UNITS = 128
LAYERS = 2


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """One window per item: the context as one column, and the horizon."""

    def __init__(self, series: list[Tensor], stride: int) -> None:
        self.series = series
        whole = [range(0, len(values) - CONTEXT - HORIZON + 1, stride) for values in series]
        self.places = [(number, at) for number, places in enumerate(whole) for at in places]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        number, at = self.places[index]
        values = self.series[number]
        return values[at : at + CONTEXT, None], values[at + CONTEXT : at + CONTEXT + HORIZON]


class Network(nn.Module):
    """All 48 hours at once, from the last state."""

    def __init__(self) -> None:
        super().__init__()
        self.recurrent = nn.LSTM(1, UNITS, LAYERS, batch_first=True)
        self.head = nn.Linear(UNITS, HORIZON)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.recurrent(x)
        out: Tensor = self.head(states[:, -1])
        return out


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """`train` times steps on some of the series, `score` trains on all of them and forecasts."""
    torch.set_num_threads(options["threads"])
    if options.get("tuned"):
        tune_allocation()
    bfloat16 = options.get("precision") == "bfloat16"
    series = hourly(Path(options["data"]))
    scaled = [_scaled(values) for values in series.train]
    model, timed = _model(), _loader(scaled[:TIMED_SERIES], TIMED_STRIDE)

    def train(epochs: int) -> dict[str, Any]:
        begin = now()
        for _ in range(epochs):
            learn(*model, timed, len(timed), bfloat16)
        return between(begin, now(), epochs * len(timed.dataset))  # type: ignore[arg-type]

    def score(steps: int) -> dict[str, Any]:
        torch.manual_seed(1)
        fresh = _model()
        begin = time.perf_counter()
        learn(*fresh, _loader(scaled, 1), steps, bfloat16)
        seconds = time.perf_counter() - begin
        with torch.inference_mode():
            out = fresh[0](torch.stack([values[-CONTEXT:, None] for values in scaled])).double().numpy()
        mean, deviation = (np.array([of(values) for values in series.train])[:, None] for of in (np.mean, np.std))
        return {"seconds": seconds, "steps": steps, **scores(out * deviation + mean, series)}

    return {"train": train, "score": score}


def learn(model: nn.Module, optimizer: torch.optim.Optimizer, loader: Any, steps: int, bfloat16: bool) -> None:
    """`steps` steps over the loader's batches, however many epochs that takes."""
    for inputs, truth in islice(chain.from_iterable(repeat(loader)), steps):
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            out = model(inputs)
        nn.functional.mse_loss(out.float(), truth).backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _model() -> tuple[nn.Module, torch.optim.Optimizer]:
    model = Network()
    return model, torch.optim.Adam(model.parameters(), lr=1e-3)


def _loader(series: list[Tensor], stride: int) -> DataLoader[tuple[Tensor, Tensor]]:
    return DataLoader(Windows(series, stride), batch_size=BATCH, shuffle=True)


def _scaled(values: Any) -> Tensor:
    return torch.from_numpy(((values - values.mean()) / values.std()).astype(np.float32))
