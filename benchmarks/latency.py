"""How long one step takes, when the next one waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.ratios import quantile

UNITS = 128
FEATURES = 16


def latency(step: Callable[[], None], steps: int) -> dict[str, Any]:
    """Microseconds of the middle and of the slowest hundredth of `steps` calls; `rate` is steps per second."""
    taken = []
    for _ in range(steps):
        begin = time.perf_counter_ns()
        step()
        taken.append((time.perf_counter_ns() - begin) / 1000)
    middle = quantile(taken, 0.5)
    return {"p50": middle, "p99": quantile(taken, 0.99), "rate": 1e6 / middle}
