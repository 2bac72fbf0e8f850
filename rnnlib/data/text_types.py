"""The types of columns of text: of all their values, never of the first ones alone."""

from __future__ import annotations

import polars as pl

SAMPLE = 1000
"""Values that are looked at first: what these are not, the column is not."""

_LEADING_ZERO = r"^[+-]?0\d"


def typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of text as the type that all their values have: whole numbers, numbers, true or false, else text.

    A column with a leading zero (`007`) or with whole numbers beyond 64 bits stays text: as a number it would lose
    what it says. Times stay text too; the role decides how they are read.
    """
    return frame.with_columns([_typed(column) for column in frame.iter_columns() if column.dtype == pl.String])


def as_numbers(text: pl.Series) -> pl.Series:
    """Text as float64; null where it spells no number. Spaces around a number are allowed."""
    plain = text.cast(pl.Float64, strict=False)
    return plain if plain.null_count() == text.null_count() else text.str.strip_chars().cast(pl.Float64, strict=False)


def in_range(frame: pl.DataFrame) -> bool:
    """Whether no number is that of a whole number beyond 64 bits, which float64 would round."""
    numbers = frame.select(pl.selectors.float())
    return not any((column.is_finite() & (column.abs() >= 2.0**63)).any() for column in numbers.iter_columns())


def _typed(text: pl.Series) -> pl.Series:
    sample = text.drop_nulls().head(SAMPLE)
    if sample.is_empty():
        return text.cast(pl.Float64) if text.null_count() == len(text) else text
    if as_numbers(sample).null_count():
        return _boolean(text) if _boolean(sample).dtype == pl.Boolean else text
    whole = text.cast(pl.Int64, strict=False) if not sample.cast(pl.Int64, strict=False).null_count() else None
    if whole is not None and whole.null_count() == text.null_count():
        return text if text.str.contains(_LEADING_ZERO).any() else whole
    number = as_numbers(text)
    if number.null_count() > text.null_count() or (number.is_finite() & (number.abs() >= 2.0**63)).any():
        return text
    return text if text.str.contains(_LEADING_ZERO).any() else number


def _boolean(text: pl.Series) -> pl.Series:
    lower = text.str.to_lowercase()
    return lower == "true" if lower.is_in(["true", "false"]).all() else text
