"""Characters as tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np
from jaxtyping import Int64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders.tokenizer import Cut, FittedTokenizer, Tokenizer, train_texts
from rnnlib.data.encoders.vocabulary import chosen, numbers_of, shown


class FittedCharacters(FittedTokenizer):
    """The characters that have a token."""

    kind: Literal["characters"] = "characters"

    def cut(self, points: Int64[ndarray, " characters"], bounds: Int64[ndarray, " texts_and_one"]) -> Cut:  # noqa: ARG002
        """Each character's number; 0 for one that the train part does not hold."""
        known = {ord(token): number for token, number in numbers_of(self.tokens).items()}
        everywhere = np.arange(len(points))
        if not known:
            return Cut(np.zeros(len(points), np.int64), everywhere)
        order = np.array(sorted(known), np.int64)
        place = np.minimum(np.searchsorted(order, points), order.size - 1)
        numbers = np.array([known[int(point)] for point in order], np.int64)
        return Cut(np.where(order[place] == points, numbers[place], 0), everywhere)

    def text_of(self, numbers: Sequence[int]) -> str:
        """The characters behind each other; an unknown one is shown as U+FFFD."""
        return "".join(shown(self.tokens, numbers))


class Characters(Tokenizer):
    """Every character is a token.

    Source: Sutskever et al. 2011, "Generating text with recurrent neural networks".
    """

    kind: Literal["characters"] = "characters"
    at_least: int = Field(1, ge=1, le=10**9, description="how often a character occurs in the train part to be known")

    def fit(self, data: DataSet) -> FittedCharacters:
        """The characters of the train part."""
        counts = Counter[str]()
        for text in train_texts(data):
            counts.update(text)
        return FittedCharacters(tokens=chosen(counts, at_least=self.at_least, most=None, further=self.further))
