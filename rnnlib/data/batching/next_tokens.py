"""Next tokens: what language models learn from texts without a label, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from rnnlib.data.batching.gather import as_tensor, padded_rows
from rnnlib.data.batching.windows import Examples, segments
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError, Refused


def tells_nothing_else(data: DataSet) -> bool:
    """Whether these are texts whose next token is all that can be learned of them: no label, no tags, no target."""
    truths = "label" in data.sequences.columns or data.about.tags or data.having("target")
    return "text" in data.about.names and not truths


def token_column(data: DataSet) -> int:
    """The place of the column whose next value is told; raises `Refused` where there is not exactly one of tokens."""
    found = [at for at, column in enumerate(data.about.columns) if column.holds == "tokens"]
    if len(found) != 1:
        has = ", ".join(f"{column.name} ({column.holds})" for column in data.about.columns[:10])
        rule = "a language model tells the next of one column of tokens"
        raise Refused(f"{rule}: received {has}; put `encode: {{text: …}}` between `split` and `train`")
    return found[0]


def token_stretches(data: DataSet, part: PartOf, context: int | None) -> Examples:
    """A part's texts in consecutive stretches of `context` steps, the last of each text shorter; whole ones without it.

    What is told at a step is the token of the next row, so the last row of a text, or of the part's share in it, is
    told and not read. No other row is lost, and none is told twice.
    """
    first, last, sequence = segments(data, part)
    steps = last - 1 - first
    size = max(int(steps.max(initial=1)), 1) if context is None else context
    counts = -(-steps // size)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    start = np.repeat(first, counts) + number * size
    length = np.minimum(np.repeat(last - 1, counts) - start, size)
    return Examples(start, length, np.repeat(sequence, counts))


@dataclass(frozen=True, eq=False)
class NextTokens:
    """The truths of a language model: at each step the token of the row behind it."""

    tokens: Int64[Tensor, "rows 1"]

    @classmethod
    def of(cls, data: DataSet, tokens: int | None) -> NextTokens:
        """Those of a data set; `tokens` are as many as a model knows. Raises `DataError` for one beyond them."""
        at = token_column(data)
        column = as_tensor(np.ascontiguousarray(data.values[:, at : at + 1])).long()
        if tokens is not None and len(column) and int(column.max()) >= tokens:
            rule = f"the model knows {tokens} tokens"
            received = f"received number {int(column.max())}"
            raise DataError(f"{rule}: {received}; encode the texts as in training", column=data.about.columns[at].name)
        return cls(column)

    def batch(
        self, start: Int64[Tensor, " batch"], length: Int64[Tensor, " batch"]
    ) -> tuple[Int64[Tensor, "batch time"], Bool[Tensor, "batch time"]]:
        """The next token of every step, 0 beyond each example's length, and which steps are not beyond it."""
        told = padded_rows(self.tokens, start + 1, length)[..., 0]
        return told, torch.arange(told.shape[1]) < length[:, None]
