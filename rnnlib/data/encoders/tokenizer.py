"""What a tokenizer is: it cuts texts into tokens that have a number each, and puts them together again."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders.base import Encoder, FittedEncoder
from rnnlib.data.encoders.rows import bounds_of, holding, with_rows
from rnnlib.data.encoders.vocabulary import END
from rnnlib.data.rows import offsets_of


class Cut(NamedTuple):
    """Texts as tokens."""

    numbers: Int64[ndarray, " tokens"]
    """The number of each token; 0 for an unknown one."""
    starts: Int64[ndarray, " tokens"]
    """The character at which each begins, counted over all texts."""


class FittedTokenizer(FittedEncoder):
    """The tokens that are known."""

    tokens: tuple[str, ...] = Field(description="unknown first; the place of a token is its number")

    @abstractmethod
    def cut(self, points: Int64[ndarray, " characters"], bounds: Int64[ndarray, " texts_and_one"]) -> Cut:
        """The tokens of all texts, which stand behind each other; none crosses one of the `bounds`."""

    @abstractmethod
    def text_of(self, numbers: Sequence[int]) -> str:
        """What tokens say: the text that they were cut from, as far as they still tell."""

    def apply(self, data: DataSet) -> DataSet:
        """Tokens in place of characters; a text without any is one unknown token."""
        at = _column(data)
        column = data.about.columns[at].model_copy(update={"holds": "tokens"})
        numbers, source = self.cut(data.raw[:, at].astype(np.int64), bounds_of(data))
        lengths = np.bincount(data.sequence_of_row[source], minlength=len(data.lengths))
        empty = np.flatnonzero(lengths == 0)
        numbers, source = _inserted(numbers, source, offsets_of(lengths)[empty], 0, data.offsets[empty])
        lengths[empty] = 1
        if END in self.tokens:
            end, places = self.tokens.index(END), offsets_of(lengths)[1:]
            numbers, source = _inserted(numbers, source, places, end, data.offsets[1:] - 1)
            lengths = lengths + 1
        words = {**data.about.words, column.name: self.tokens}
        raw = numbers.astype(np.float64).reshape(-1, 1)
        return with_rows(data, raw, lengths.astype(np.int64), source, (column,), words=words)


class Tokenizer(Encoder):
    """Learns from the texts of the train part which tokens there are."""

    ends: bool = Field(
        False, description="whether a token of its own stands behind every text: where texts end is learned"
    )

    @abstractmethod
    def fit(self, data: DataSet) -> FittedTokenizer:
        """The tokens of the train part."""

    @property
    def further(self) -> tuple[str, ...]:
        """Tokens that stand for no text."""
        return (END,) if self.ends else ()


def texts_between(points: Int64[ndarray, " characters"], bounds: Int64[ndarray, " texts_and_one"]) -> Iterator[str]:
    """The texts that stand between each two bounds."""
    whole = points.astype(np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
    return (whole[first:last] for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))


def train_texts(data: DataSet) -> list[str]:
    """The texts of the train part; raises `Refused` where the data holds no texts."""
    points, bounds = data.raw[:, _column(data)].astype(np.int64), bounds_of(data)
    kept = data.rows_of(PartOf.train)[bounds[:-1]]
    return [text for text, train in zip(texts_between(points, bounds), kept, strict=True) if train]


def _column(data: DataSet) -> int:
    (at,) = holding(data, "characters", "characters become tokens")
    return at


def _inserted(
    numbers: Int64[ndarray, " tokens"],
    source: Int64[ndarray, " tokens"],
    places: Int64[ndarray, " new"],
    number: int,
    from_rows: Int64[ndarray, " new"],
) -> tuple[Int64[ndarray, " more"], Int64[ndarray, " more"]]:
    return np.insert(numbers, places, number), np.insert(source, places, from_rows)
