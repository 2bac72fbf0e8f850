"""Words as tokens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from jaxtyping import Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders.tokenizer import Cut, FittedTokenizer, Tokenizer, texts_between, train_texts
from rnnlib.data.encoders.vocabulary import chosen, numbers_of, shown

Between = Literal["boundaries", "whitespace"]

_WORDS = {
    "boundaries": re.compile(r"\w+(?:['’]\w+)*|[^\w\s]"),
    "whitespace": re.compile(r"\S+"),
}


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
        description="where words begin and end: at `boundaries`, where letters, digits and apostrophes within them end "
        "and every other sign is a word, or at `whitespace`, for texts that are cut already",
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
    for found in _WORDS[split].finditer(text):
        yield found.start(), found.group().lower() if lowercase else found.group()
