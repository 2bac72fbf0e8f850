"""Characters as tokens."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders.base import Encoder, FittedEncoder
from rnnlib.data.encoders.rows import holding, with_rows
from rnnlib.data.encoders.vocabulary import END, chosen


class FittedCharacters(FittedEncoder):
    """The characters that have a token."""

    kind: Literal["characters"] = "characters"
    tokens: tuple[str, ...] = Field(description="unknown first; the place of a character is its number")

    def apply(self, data: DataSet) -> DataSet:
        """Each character's number in place of its code point; 0 for one that the train part does not hold."""
        (at,) = holding(data, "characters", "characters become tokens")
        column = data.about.columns[at].model_copy(update={"holds": "tokens"})
        points, ends = data.raw[:, at].astype(np.int64), END in self.tokens
        numbers = self._numbers(points)
        lengths, source = data.lengths, np.arange(data.rows)
        if ends:
            last = data.offsets[1:] - 1
            numbers = np.insert(numbers, data.offsets[1:], self.tokens.index(END))
            source = np.insert(source, data.offsets[1:], last)
            lengths = lengths + 1
        words = {**data.about.words, column.name: self.tokens}
        return with_rows(data, numbers.reshape(-1, 1), lengths, source, (column,), words=words)

    def _numbers(self, points: np.ndarray) -> Float64[ndarray, " rows"]:
        known = {ord(token): number for number, token in enumerate(self.tokens) if len(token) == 1}
        order = np.array(sorted(known), np.int64)
        if not order.size:
            return np.zeros(len(points))
        place = np.minimum(np.searchsorted(order, points), order.size - 1)
        numbers = np.array([known[int(point)] for point in order], np.float64)
        return np.where(order[place] == points, numbers[place], 0.0)


class Characters(Encoder):
    """Every character is a token.

    Source: Sutskever et al. 2011, "Generating text with recurrent neural networks".
    """

    kind: Literal["characters"] = "characters"
    at_least: int = Field(1, ge=1, le=10**9, description="how often a character occurs in the train part to be known")
    ends: bool = Field(
        False, description="whether a token of its own stands behind every text: where texts end is learned"
    )

    def fit(self, data: DataSet) -> FittedCharacters:
        """The characters of the train part."""
        (at,) = holding(data, "characters", "characters become tokens")
        points, counts = np.unique(data.raw[data.rows_of(PartOf.train), at].astype(np.int64), return_counts=True)
        found = Counter({chr(point): int(count) for point, count in zip(points, counts, strict=True)})
        further = (END,) if self.ends else ()
        return FittedCharacters(tokens=chosen(found, at_least=self.at_least, most=None, further=further))
