"""Categories as tokens: words of the train part, numbered; what it does not have is unknown, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Self

import numpy as np
from jaxtyping import Float64, Int64, Shaped
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders.base import Encoder, FittedEncoder
from rnnlib.data.encoders.rows import holding
from rnnlib.data.encoders.vocabulary import UNKNOWN, chosen
from rnnlib.errors import DataError, misplaced

MISSING = "<missing>"
"""The token of a row without a category, where it has one of its own."""

RESERVED = (UNKNOWN, MISSING)
"""Tokens that no word stands for, not even one that is spelled alike."""

Tokens = tuple[str, ...]
Absent = Literal["unknown", "token", "forward"]


class FittedCategories(FittedEncoder):
    """The categories of each column that have a token."""

    kind: Literal["categories"] = "categories"
    tokens: dict[str, Tokens] = Field(description="of each column, unknown first; the place of a category is its token")
    unknown: Literal["token", "refuse"] = Field("token", description="what becomes of one that is not among them")
    missing: Absent = Field("unknown", description="what becomes of a row without a category")

    def apply(self, data: DataSet) -> DataSet:
        """Each category's token in place of its code. Raises `DataError` for a new one, where that is refused."""
        raw, static = np.array(data.raw), data.static
        for at, column in enumerate(data.about.columns):
            if column.name in self.tokens:
                codes = carried(raw[:, at], data.offsets) if self.missing == "forward" else raw[:, at]
                raw[:, at] = self._tokens(data, column.name, codes, data.sequence_of_row)
        if static is not None and (own := [name for name in data.about.static if name in self.tokens]):
            static = np.array(static)
            for name in own:
                at = data.about.static.index(name)
                static[:, at] = self._tokens(data, name, static[:, at], np.arange(len(static)))
        holds = {name: {"holds": "tokens"} for name in self.tokens}
        columns = (column.model_copy(update=holds.get(column.name)) for column in data.about.columns)
        about = data.with_about(
            columns=tuple(columns),
            static_tokens=tuple(name for name in data.about.static if name in self.tokens),
            words={**data.about.words, **self.tokens},
        )
        return replace(about, raw=raw, static=static, normalized=None, normalized_static=None)

    def _tokens(
        self, data: DataSet, name: str, codes: Float64[ndarray, " lines"], sequence: Int64[ndarray, " lines"]
    ) -> Float64[ndarray, " lines"]:
        words, tokens = data.about.words[name], self.tokens[name]
        place = {token: number for number, token in enumerate(tokens)}
        of_code = np.array([*(place.get(word, 0) for word in words), place.get(MISSING, 0)])
        known = ~np.isnan(codes)
        found = of_code[np.where(known, codes, len(words)).astype(np.int64)]
        if self.unknown == "refuse" and (new := known & (found == 0)).any():
            line = int(np.argmax(new))
            key = data.sequences["key"][int(sequence[line])]
            rule = f"`{words[int(codes[line])]}` (sequence `{key}`) is no category of the train part"
            remedy = "correct it, or take new ones for unknown with `encode.categorical.unknown: token`"
            raise DataError(f"{rule}, which has {_shown(tokens)}: {remedy}", column=name)
        return found.astype(np.float64)


class Categories(Encoder):
    """The categories of every column become tokens, whole numbers from 0 up, the most frequent ones first.

    Token 0 is unknown: every category that the train part does not have, or has too seldom. A category is never
    between two others, so `load.missing` fills none of them: what a row without one becomes is said here.
    """

    at_least: int = Field(1, ge=1, le=10**9, description="how often a category occurs in the train part to be known")
    most: int | None = Field(
        None, ge=1, le=10_000_000, description="how many categories of a column are known at most, frequent ones first"
    )
    unknown: Literal["token", "refuse"] = Field(
        "token", description="what becomes of a category that the train part does not have: token 0, or an error"
    )
    missing: Absent = Field(
        "unknown",
        description="what becomes of a row without a category: token 0, a token of its own (`<missing>`), or the "
        "category of the last row of its sequence that has one",
    )

    @model_validator(mode="after")
    def _rare_ones_are_unknown(self) -> Self:
        if self.unknown == "refuse" and (self.at_least > 1 or self.most is not None):
            rule = "`at_least` and `most` make categories of the train part unknown"
            raise misplaced(f"{rule}, and `unknown: refuse` would refuse those: leave one of the two out", "unknown")
        return self

    def fit(self, data: DataSet) -> FittedCategories:
        """The categories of the train part, of each column; static ones are counted once for each sequence."""
        further = (MISSING,) if self.missing == "token" else ()
        counts = {name: _counts(codes, data.about.words[name]) for name, codes in _coded(data).items()}
        tokens = {
            name: chosen(counted, at_least=self.at_least, most=self.most, further=further)
            for name, counted in counts.items()
        }
        return FittedCategories(tokens=tokens, unknown=self.unknown, missing=self.missing)


def carried(
    codes: Float64[ndarray, " rows"], offsets: Int64[ndarray, " sequences_and_one"]
) -> Float64[ndarray, " rows"]:
    """Codes with holes (NaN) filled by the last one before in the same sequence; those before the first stay."""
    last = np.where(np.isnan(codes), -1, np.arange(codes.size))
    last[offsets[:-1]] = offsets[:-1]
    return np.asarray(codes[np.maximum.accumulate(last)])


def _coded(data: DataSet) -> dict[str, Shaped[ndarray, " lines"]]:
    """The codes of every column of categories, over the rows or the sequences of the train part."""
    static = [name for name in data.about.static if name in data.about.words]
    train = data.rows_of(PartOf.train)
    found = {}
    if not static or any(column.holds == "words" for column in data.about.columns):
        for at in holding(data, "words", "categories become tokens"):
            found[data.about.columns[at].name] = data.raw[train, at]
    if static:
        assert data.static is not None, "static columns have values"
        lines = np.bincount(data.sequence_of_row[train], minlength=len(data.static)) > 0
        found.update({name: data.static[lines, data.about.static.index(name)] for name in static})
    return found


def _counts(codes: Float64[ndarray, " lines"], words: Sequence[str]) -> Counter[str]:
    counts = np.bincount(codes[~np.isnan(codes)].astype(np.int64), minlength=len(words))
    found = {word: int(count) for word, count in zip(words, counts, strict=True) if count}
    return Counter({word: count for word, count in found.items() if word not in RESERVED})


def _shown(tokens: Tokens) -> str:
    return ", ".join(f"`{token}`" for token in tokens[1:11]) + (", …" if len(tokens) > 11 else "")
