"""One sample, one step, with rnnlib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from benchmarks.latency import FEATURES, UNITS, latency
from benchmarks.serving import Action
from rnnlib.cells import LSTM
from rnnlib.layer import Flow


def start(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """What `rnnlib.stream.Stream` runs: the cell with its weights packed, which keeps its own memory."""
    torch.set_num_threads(options["threads"])
    streaming = LSTM(units=UNITS).build(Flow(FEATURES, None, None)).eval().streaming()
    x = torch.randn(1, FEATURES)

    def step() -> None:
        streaming.push(x)

    def measure(steps: int) -> dict[str, Any]:
        with torch.inference_mode():
            return latency(step, steps)

    return {"measure": measure}
