"""The two tasks that tell whether a cell remembers: generated, the same for everyone.

Sources: Hochreiter and Schmidhuber 1997 (adding); Arjovsky, Shah and Bengio 2016, arXiv:1511.06464 (copy); sizes as in
Bai, Kolter and Koltun 2018, arXiv:1803.01271.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

ADDING_STEPS = 600
COPY_STEPS, COPIED, SYMBOLS = 1000, 10, 8
COUNTS = {"train": 8000, "validation": 500, "test": 1000}
COPY_COUNTS = {"train": 2000, "validation": 200, "test": 500}


def adding_problem() -> pl.DataFrame:
    """sample, step, value in [0, 1), mark (1 at one step of each half), sum of the two marked values, part."""
    draw, examples = np.random.default_rng(600), sum(COUNTS.values())
    values = draw.random((examples, ADDING_STEPS), dtype=np.float32)
    half = ADDING_STEPS // 2
    marked = np.stack([draw.integers(0, half, examples), draw.integers(half, ADDING_STEPS, examples)], axis=1)
    marks = np.zeros_like(values)
    np.put_along_axis(marks, marked, 1, axis=1)
    return pl.DataFrame(
        {
            **_long(COUNTS, ADDING_STEPS),
            "value": values.ravel(),
            "mark": marks.ravel(),
            "sum": np.repeat((values * marks).sum(axis=1), ADDING_STEPS),
        }
    )


def copy_memory() -> pl.DataFrame:
    """sample, step, the symbol read (s0 … s9, one of them 1), the symbol to write as a word, part.

    Ten symbols of eight, T − 1 blanks, a sign to begin, ten blanks; to be written: T + 10 blanks, then the ten. A guess
    without memory costs 10 · log 8 / (T + 20) nats a step.
    """
    draw, examples = np.random.default_rng(1000), sum(COPY_COUNTS.values())
    steps = COPY_STEPS + 2 * COPIED
    symbols = draw.integers(1, SYMBOLS + 1, (examples, COPIED))
    read, write = np.zeros((examples, steps), np.int64), np.zeros((examples, steps), np.int64)
    read[:, :COPIED], write[:, -COPIED:] = symbols, symbols
    read[:, -COPIED - 1] = SYMBOLS + 1
    shown: dict[str, NDArray[np.uint8]] = {
        f"s{symbol}": (read.ravel() == symbol).astype(np.uint8) for symbol in range(SYMBOLS + 2)
    }
    words = np.array(["blank", *(f"w{symbol}" for symbol in range(1, SYMBOLS + 1))])
    return pl.DataFrame({**_long(COPY_COUNTS, steps), **shown, "write": words[write.ravel()]})


def _long(counts: dict[str, int], steps: int) -> dict[str, pl.Series]:
    """The columns sample, step and part of examples of equal length."""
    examples = sum(counts.values())
    parts = np.repeat(list(counts), list(counts.values()))
    return {
        "sample": pl.Series(np.repeat(np.arange(examples, dtype=np.int32), steps)),
        "step": pl.Series(np.tile(np.arange(steps, dtype=np.int32), examples)),
        "part": pl.Series(np.repeat(parts, steps)),
    }
