"""One sample, one step, with PyTorch: `nn.LSTM` on a sequence of one, or `nn.LSTMCell`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from benchmarks.latency import FEATURES, UNITS, latency
from benchmarks.serving import Action


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """`module` is `LSTM` or `LSTMCell`; the state of one step is that which the next one gets."""
    torch.set_num_threads(options["threads"])
    step = {"LSTM": _lstm, "LSTMCell": _cell}[options["module"]]()

    def measure(steps: int) -> dict[str, Any]:
        with torch.inference_mode():
            return latency(step, steps)

    return {"measure": measure}


def _lstm() -> Callable[[], None]:
    model = nn.LSTM(FEATURES, UNITS, batch_first=True).eval()
    x, state = torch.randn(1, 1, FEATURES), [(torch.zeros(1, 1, UNITS), torch.zeros(1, 1, UNITS))]

    def step() -> None:
        _, state[0] = model(x, state[0])

    return step


def _cell() -> Callable[[], None]:
    model = nn.LSTMCell(FEATURES, UNITS).eval()
    x, state = torch.randn(1, FEATURES), [(torch.zeros(1, UNITS), torch.zeros(1, UNITS))]

    def step() -> None:
        state[0] = model(x, state[0])

    return step
