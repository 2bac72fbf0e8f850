"""Categories: words are read as codes, their places in an alphabetical list. `encode` makes tokens of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from jaxtyping import Float64
from numpy import ndarray

from rnnlib.data.columns import as_text, spelled
from rnnlib.data.origin import SourceColumn


class Coded(NamedTuple):
    """A column of categories."""

    codes: Float64[ndarray, " rows"]
    """The place of each value in `words`; NaN where it is missing."""
    words: tuple[str, ...]
    """Every value of the column, as text, in alphabetical order."""


def coded(column: SourceColumn) -> Coded:
    """A column as codes; numbers, times and truths count as text (see `as_text`), an empty text as missing.

    Raises `DataError` for lists and other nested values.
    """
    values = column.values
    if not spelled(values.dtype):
        raise column.error(f"categories are text or numbers: received type {values.dtype}", 0)
    text = as_text(values).replace("", None)
    words = text.drop_nulls().unique().sort()
    codes = text.cast(pl.Enum(words)).to_physical().cast(pl.Float64).fill_null(float("nan"))
    return Coded(np.array(codes.to_numpy()), tuple(words))
