"""Words as tokens."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

import numpy as np
from jaxtyping import Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders.tokenizer import Cut, FittedTokenizer, Tokenizer, texts_between, train_texts
from rnnlib.data.encoders.vocabulary import chosen, numbers_of, shown

Between = Literal["boundaries", "whitespace"]


@cache
def _pattern(split: Between, *, ascii_alone: bool) -> re.Pattern[str]:
    """Marks (accents that are characters of their own, vowel signs) and joiners belong to what they stand behind."""
    if split == "whitespace":
        return re.compile(r"\S+")
    if ascii_alone:  # the same without marks, three times as fast
        return re.compile(r"\w+(?:'\w+)*|[^\w\s]")
    points = (*range(0x300, 0x20000), *range(0xE0000, 0xE0200))  # marks there are no others
    marks = "".join(chr(point) for point in points if unicodedata.category(chr(point)).startswith("M"))
    mark = f"{marks}\u200c\u200d"
    return re.compile(rf"\w[\w{mark}]*(?:['’]\w[\w{mark}]*)*|[^\w\s][{mark}]*")


class FittedWords(FittedTokenizer):
    """The words that have a token."""

    kind: Literal["words"] = "words"
    split: Between = Field(description="where words begin and end")
    lowercase: bool = Field(description="whether letters are made small")

    def cut(self, points: Int64[ndarray, " characters"], bounds: Int64[ndarray, " texts_and_one"]) -> Cut:
        """Each word's number; 0 for one that the train part does not hold."""
        known = numbers_of(self.tokens)
        numbers: list[int] = []
        starts: list[int] = []
        for first, text in zip(bounds.tolist(), texts_between(points, bounds), strict=False):
            for start, word in _words(text, self.split, self.lowercase):
                numbers.append(known.get(word, 0))
                starts.append(first + start)
        return Cut(np.array(numbers, np.int64), np.array(starts, np.int64))

    def text_of(self, numbers: Sequence[int]) -> str:
        """The words with a space between each two; an unknown one is shown as U+FFFD."""
        return " ".join(shown(self.tokens, numbers))


class Words(Tokenizer):
    """Every word is a token.

    Source: Bengio et al. 2003, "A neural probabilistic language model".
    """

    kind: Literal["words"] = "words"
    split: Between = Field(
        "boundaries",
        description="where words begin and end: at `boundaries`, where letters with their marks, digits and "
        "apostrophes within them end and every other sign is a word, or at `whitespace`, for texts that are "
        "cut already",
    )
    lowercase: bool = Field(False, description="whether `Word` and `word` are one")
    at_least: int = Field(1, ge=1, le=10**9, description="how often a word occurs in the train part to be known")
    most: int | None = Field(
        None, ge=1, le=10_000_000, description="how many words are known at most, the most frequent ones"
    )

    def fit(self, data: DataSet) -> FittedWords:
        """The words of the train part."""
        counts = Counter[str]()
        for text in train_texts(data):
            counts.update(word for _, word in _words(text, self.split, self.lowercase))
        tokens = chosen(counts, at_least=self.at_least, most=self.most, further=self.further)
        return FittedWords(tokens=tokens, split=self.split, lowercase=self.lowercase)


def _words(text: str, split: Between, lowercase: bool) -> Iterator[tuple[int, str]]:
    """The words of a text, and where each begins in it."""
    for found in _pattern(split, ascii_alone=text.isascii()).finditer(text):
        yield found.start(), found.group().lower() if lowercase else found.group()
