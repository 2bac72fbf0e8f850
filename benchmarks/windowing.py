"""The windows whose making is measured: 96 + 24 steps of 8 columns, in shuffled batches of 256."""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import Array

CONTEXT, HORIZON, COLUMNS, BATCH, ROWS = 96, 24, 8, 256, 120_000


def rows() -> Array:
    """One long series."""
    return np.random.default_rng(1).standard_normal((ROWS, COLUMNS), dtype=np.float32)
