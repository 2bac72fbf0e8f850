"""The letters of words, beside them: what a word that is not known is like, its spelling still tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from pydantic import Field

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders.base import Encoder, FittedEncoder
from rnnlib.data.encoders.rows import holding
from rnnlib.data.encoders.vocabulary import chosen
from rnnlib.errors import Refused

NOTHING = "<nothing>"
"""The token behind the last letter of a word, number 1."""

CUT = "words with letters that are not read"
"""What is counted in `about.repairs`."""


def letter(column: str, place: int) -> str:
    """The name of the column that holds a letter of the words in another."""
    return f"{column}[{place}]"


def of_a_word(column: str) -> bool:
    """Whether a column has such a name."""
    return re.search(r"\[\d+\]$", column) is not None


class FittedSpelling(FittedEncoder):
    """The letters that have a token."""

    kind: Literal["spelling"] = "spelling"
    tokens: tuple[str, ...] = Field(description="unknown first, nothing second; the place of a letter is its number")
    longest: int = Field(description="how many letters of a word are read")
    columns: tuple[str, ...] = Field(description="the columns of words")

    def apply(self, data: DataSet) -> DataSet:
        """Columns of letters behind the others; what a word has beyond the longest is counted, and not read."""
        names, raw, about, cut = [column.name for column in data.about.columns], [data.raw], data.about, 0
        for name in self.columns:
            codes = data.raw[:, names.index(name)]
            spelled = self._spelled(about.words[name])
            place = np.where(np.isnan(codes), len(spelled) - 1, codes).astype(np.int64)
            raw.append(spelled[place])
            longer = [at for at, word in enumerate(about.words[name]) if len(word) > self.longest]
            cut += int(np.isin(codes, longer).sum())
        letters = [
            about.columns[names.index(name)].model_copy(update={"name": letter(name, place), "holds": "tokens"})
            for name in self.columns
            for place in range(self.longest)
        ]
        words = {**about.words, **{column.name: self.tokens for column in letters}}
        repairs = {**about.repairs, **({CUT: cut} if cut else {})}
        made = data.with_about(columns=(*about.columns, *letters), words=words, repairs=repairs)
        together = np.concatenate(raw, axis=1)
        observed = None if data.observed is None else ~np.isnan(together)
        return replace(made, raw=together, observed=observed, normalized=None)

    def _spelled(self, words: Sequence[str]) -> Float64[ndarray, "words_and_one letters"]:
        """The letters of every word, and of no word at all in the last row."""
        known = {token: number for number, token in enumerate(self.tokens) if len(token) == 1}
        out = np.full((len(words) + 1, self.longest), float(self.tokens.index(NOTHING)))
        for row, word in zip(out, words, strict=False):
            read = word[: self.longest]
            row[: len(read)] = [known.get(one, 0) for one in read]
        return out


class Spelling(Encoder):
    """The letters of every word stand beside it, in columns of their own, for a layer `spelling` to read.

    Source: Ma and Hovy 2016, "End-to-end sequence labeling via bi-directional LSTM-CNNs-CRF", arXiv:1603.01354.
    """

    longest: int = Field(16, ge=1, le=200, description="how many letters of a word are read, from its first on")
    at_least: int = Field(1, ge=1, le=10**9, description="how often a letter occurs in the train part to be known")

    def fit(self, data: DataSet) -> FittedSpelling:
        """The letters of the words of the train part."""
        found = [data.about.columns[at] for at in holding(data, "words", "words are spelled")]
        columns = tuple(column.name for column in found if column.role == "features")
        if not columns:
            rule = "words are spelled where each step of a sequence has one, in a feature that is categorical"
            raise Refused(f"{rule}: received {found[0].name} ({found[0].role}); leave this out")
        counts, train = Counter[str](), data.rows_of(PartOf.train)
        for name in columns:
            at = [column.name for column in data.about.columns].index(name)
            codes = data.raw[train, at]
            times = np.bincount(codes[~np.isnan(codes)].astype(np.int64), minlength=len(data.about.words[name]))
            for word, count in zip(data.about.words[name], times.tolist(), strict=True):
                counts.update({one: count * number for one, number in Counter(word).items() if count})
        tokens = chosen(counts, at_least=self.at_least, most=None, further=(NOTHING,))
        return FittedSpelling(tokens=tokens, longest=self.longest, columns=columns)
