"""The windows whose making is measured: 96 + 24 steps of 8 columns, in shuffled batches of 256."""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import Array

CONTEXT, HORIZON, COLUMNS, BATCH = 96, 24, 8, 256
SERIES = {"one": (1, 120_000), "panel": (1000, 1000)}
"""How many series there are, and how many rows each has."""


def rows(data: str) -> Array:
    """The series, one after the other."""
    series, length = SERIES[data]
    return np.random.default_rng(1).standard_normal((series * length, COLUMNS), dtype=np.float32)


def starts(data: str) -> Array:
    """The first row of every window: none reaches over the end of its series."""
    series, length = SERIES[data]
    inside = np.arange(length - CONTEXT - HORIZON + 1)
    return (np.arange(series)[:, None] * length + inside).reshape(-1)
