"""Vocabularies: which tokens there are, counted in the train part alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import polars as pl
from jaxtyping import Float64
from numpy import ndarray

UNKNOWN = "<unknown>"
"""Token 0: whatever the train part does not hold."""

END = "<end>"
"""The token behind the last one of a text, where a vocabulary has it."""


def chosen(counts: Counter[str], *, at_least: int, most: int | None, further: Sequence[str] = ()) -> tuple[str, ...]:
    """The tokens: unknown, those of `further`, then those counted `at_least` times, at most `most` of them.

    Frequent ones come first, equally frequent ones in alphabetical order.
    """
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = [token for token, count in ranked if count >= at_least and token not in (UNKNOWN, END)]
    return (UNKNOWN, *further, *kept[:most])


def numbered(tokens: pl.Series, vocabulary: Sequence[str]) -> Float64[ndarray, " tokens"]:
    """The place of each token in the vocabulary; 0 where it is not there, or null."""
    known = pl.DataFrame({"token": vocabulary, "number": np.arange(len(vocabulary), dtype=np.float64)})
    found = tokens.alias("token").to_frame().join(known, on="token", how="left", maintain_order="left")
    return found["number"].fill_null(0.0).to_numpy()


def numbers_of(vocabulary: Sequence[str]) -> dict[str, int]:
    """The number of every token that stands for text; none for a text that is spelled like one that stands for none."""
    return {token: number for number, token in enumerate(vocabulary) if token not in (UNKNOWN, END)}


def shown(vocabulary: Sequence[str], numbers: Iterable[int]) -> Iterator[str]:
    """Tokens as text: U+FFFD in the place of an unknown one, nothing in that of the end."""
    instead = {UNKNOWN: "\N{REPLACEMENT CHARACTER}"}
    tokens = (vocabulary[int(number)] for number in numbers)
    return (instead.get(token, token) for token in tokens if token != END)
