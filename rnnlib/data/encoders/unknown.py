"""How much is unknown to what was counted in the train part: of each part, and of what a model is later given."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders.spelling import of_a_word


def unknown_shares(data: DataSet) -> dict[str, str]:
    """The share of unknown tokens in each part, in words, for every column of tokens."""
    parts = (PartOf.train, PartOf.validation, PartOf.test)
    held = {part.name: data.rows_of(part) for part in parts if data.rows_of(part).any()}
    return {
        column.name: ", ".join(f"{name} {(data.raw[rows, at] == 0).mean():.2%}" for name, rows in held.items())
        for at, column in enumerate(data.about.columns)
        if column.holds == "tokens" and not of_a_word(column.name)
    }


def unknown_categories(data: DataSet, tokens: Mapping[str, Collection[str]]) -> Iterator[str]:
    """What the data has of categories without a token, in words, before it is encoded; a line for every such column."""
    for at, column in enumerate(data.about.columns):
        if column.name in tokens:
            yield from _unknown(column.name, data.raw[:, at], data.about.words[column.name], tokens[column.name])
    for at, name in enumerate(data.about.static):
        if name in tokens and data.static is not None:
            yield from _unknown(name, data.static[:, at], data.about.words[name], tokens[name])


def _unknown(
    name: str, codes: Float64[ndarray, " lines"], words: Sequence[str], tokens: Collection[str]
) -> Iterator[str]:
    counts = np.bincount(codes[~np.isnan(codes)].astype(np.int64), minlength=len(words))
    new = {word: int(count) for word, count in zip(words, counts, strict=True) if count and word not in tokens}
    if new:
        frequent = sorted(new, key=lambda word: -new[word])
        shown = ", ".join(f"`{word}`" for word in frequent[:5]) + (", …" if len(new) > 5 else "")
        rule = f"column `{name}`: {sum(new.values())} of {len(codes)} values are no category that the model knows"
        yield f"{rule} ({shown}): it reads them as unknown"
