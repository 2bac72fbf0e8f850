"""Other words for the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import torch
from jaxtyping import Int64
from pydantic import Field
from torch import Generator, Tensor

from rnnlib.data.about import About, Holds
from rnnlib.data.augmentations.base import OF_TEXTS, Augmentation, Windows

Words = Annotated[tuple[str, ...], Field(min_length=1, max_length=64)]


class Synonyms(Augmentation):
    """Puts synonyms in the place of words: with a probability of `rate` a word that has any becomes one of them.

    Words are tokens as the vocabulary of the train part has them; what it has not is left out.
    Source: Zhang, Zhao and LeCun 2015, arXiv:1509.01626; Wei & Zou 2019, "EDA", arXiv:1901.11196.
    """

    fits: ClassVar[frozenset[str]] = OF_TEXTS | {"forecaster"}
    works_on: ClassVar[frozenset[Holds]] = frozenset({"tokens"})

    kind: Literal["synonyms"] = "synonyms"
    rate: float = Field(0.1, gt=0, le=1, description="the probability that a word that has synonyms is replaced")
    words: Mapping[str, Words] = Field(
        ..., min_length=1, max_length=10_000, description="the synonyms of each word: `{film: [movie, picture]}`"
    )

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """Every word by itself, over the context."""
        values = x.values.clone()
        assert x.columns is not None, "tokens are told from numbers by their columns"
        for column, words in x.columns.words.items():
            if not bool(x.holding(self.works_on)[column]):
                continue
            table, counts = self._table(words)
            token = x.values[..., column].long()
            rolled, chosen = torch.rand(2, *token.shape, generator=draw)
            other = table[token].gather(2, (chosen * counts[token]).long()[..., None])[..., 0]
            replaced = (rolled < self.rate) & (counts[token] > 0)
            replaced[:, x.context :] = False
            values[..., column] = torch.where(replaced, other.to(values.dtype), values[..., column])
        return x.valued(values)

    def unfit(self, about: About) -> str | None:
        """No word of the list is in a vocabulary, with a synonym that is."""
        vocabularies = [about.words[one.name] for one in about.columns if one.holds == "tokens"]
        if vocabularies and not any(bool(self._table(words)[1].any()) for words in vocabularies):
            listed = ", ".join(list(self.words)[:5])
            rule = "`synonyms` replaces words that the train part holds by others that it holds"
            return f"{rule}: received none of these ({listed}); list some that are in it, or take it out"
        return super().unfit(about)

    def _table(self, words: tuple[str, ...]) -> tuple[Int64[Tensor, "token synonym"], Int64[Tensor, " token"]]:
        """The synonyms of every token, and how many there are."""
        token = {word: number for number, word in enumerate(words)}
        known = {
            token[word]: [token[other] for other in others if other in token]
            for word, others in self.words.items()
            if word in token
        }
        table = torch.zeros(len(words), max(map(len, known.values()), default=0) or 1, dtype=torch.int64)
        counts = torch.zeros(len(words), dtype=torch.int64)
        for number, others in known.items():
            table[number, : len(others)] = torch.tensor(others, dtype=torch.int64)
            counts[number] = len(others)
        return table, counts
