"""One sample, one step, with rnnlib: the streaming step of a stack of layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from benchmarks.latency import FEATURES, UNITS, latency
from benchmarks.serving import Action
from rnnlib.cells import LSTM
from rnnlib.layer import Flow
from rnnlib.layers import Stack


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """The memory of one step is that which the next one gets."""
    torch.set_num_threads(options["threads"])
    stack = Stack([LSTM(units=UNITS)], Flow(FEATURES, None, None)).eval()
    x, memory = torch.randn(1, FEATURES), [stack.start(1)]

    def step() -> None:
        _, memory[0] = stack.step(x, memory[0])

    def measure(steps: int) -> dict[str, Any]:
        with torch.inference_mode():
            return latency(step, steps)

    return {"measure": measure}
