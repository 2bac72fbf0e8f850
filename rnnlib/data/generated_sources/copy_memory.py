"""Copy memory."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field

from rnnlib.data.arrays import Arrays
from rnnlib.data.generated_sources.generated import GeneratedSource

SYMBOLS, SHOWN = 8, 10
BLANK, GO = SYMBOLS, SYMBOLS + 1


class CopyMemory(GeneratedSource):
    """Ten symbols are shown and have to be said again, in order, a long time later.

    T + 20 steps: ten of eight symbols, T − 1 blanks, a sign to begin, ten blanks. Columns: `symbol`, a number from 0 to
    9 (8: blank, 9: the sign), and `seen`, the same as ten columns of 0 and 1; to be told is `answer`, blank until the
    sign and after it the ten symbols. Who remembers nothing has a cross-entropy of 10 ln 8 / (T + 20) nats per step.

    Source: Hochreiter and Schmidhuber 1997; as in Arjovsky, Shah and Bengio 2016, arXiv:1511.06464.
    """

    kind: Literal["copy_memory"] = "copy_memory"
    delay: int = Field(ge=1, le=1_000_000, description="T of the equation: steps between the symbols and their answer")

    def drawn(self, draw: np.random.Generator) -> Arrays:
        """[samples · (T + 20)] steps of a symbol, its indicator columns, and the answer."""
        steps = self.delay + 2 * SHOWN
        shown = draw.integers(0, SYMBOLS, (self.samples, SHOWN), np.uint8)
        symbol = np.full((self.samples, steps), BLANK, np.uint8)
        symbol[:, :SHOWN] = shown
        symbol[:, SHOWN + self.delay - 1] = GO
        answer = np.full((self.samples, steps), BLANK, np.uint8)
        answer[:, -SHOWN:] = shown
        symbols = symbol.reshape(-1, 1)
        return Arrays(
            {"symbol": symbols, "seen": symbols == np.arange(SYMBOLS + 2), "answer": answer.reshape(-1, 1)},
            {"sample": pl.Series("sample", np.arange(self.samples))},
            np.full(self.samples, steps, np.int64),
        )
