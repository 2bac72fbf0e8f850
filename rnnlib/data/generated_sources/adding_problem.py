"""The adding problem."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field

from rnnlib.data.arrays import Arrays
from rnnlib.data.generated_sources.generated import GeneratedSource


class AddingProblem(GeneratedSource):
    """Two marked numbers among many have to be added: what was read early must be kept to the end.

    Columns: `value` from U(0, 1) and `marker`, 1 at one step of each half and 0 elsewhere; `sum`, one for each
    `sample`, is that of the two marked values. Who remembers nothing says 1, with a mean squared error of 1/6 = .167.

    Source: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; as in Bai et al. 2018, arXiv:1803.01271.
    """

    kind: Literal["adding_problem"] = "adding_problem"
    length: int = Field(ge=2, le=1_000_000, description="steps of each sequence")

    def drawn(self, draw: np.random.Generator) -> Arrays:
        """[samples · length] steps of two columns, and one sum for each sample."""
        values = draw.random((self.samples, self.length))
        marker = np.zeros((self.samples, self.length), np.uint8)
        every, half = np.arange(self.samples), self.length // 2
        first, second = draw.integers(0, half, self.samples), draw.integers(half, self.length, self.samples)
        marker[every, first] = marker[every, second] = 1
        total = values[every, first] + values[every, second]
        return Arrays(
            {"value": values.reshape(-1, 1), "marker": marker.reshape(-1, 1)},
            {"sample": pl.Series("sample", every), "sum": pl.Series("sum", total)},
            np.full(self.samples, self.length, np.int64),
        )
