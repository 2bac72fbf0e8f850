"""Columns of a table as arrays: numbers, keys, values that are constant within a sequence, official parts."""

from __future__ import annotations

import numpy as np
import polars as pl
from jaxtyping import Float64, Int8, Int64
from numpy import ndarray

from rnnlib.data.dataset import PartOf
from rnnlib.data.origin import SourceColumn
from rnnlib.data.text_types import as_numbers

LARGEST = float(np.finfo(np.float32).max)
_DECIMAL_COMMA = r"^\s*[+-]?[\d.]*,\d+\s*$"
_THOUSANDS = r"^\s*[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\s*$"
PARTS = {part.name: int(part) for part in (PartOf.train, PartOf.validation, PartOf.test)}


def word(dtype: pl.DataType) -> str:
    """A column's type in words."""
    if isinstance(dtype, pl.Datetime):
        return "date-time" if dtype.time_zone is None else "date-time with zone"
    if dtype.is_integer():
        return "whole number"
    if dtype.is_numeric():
        return "number"
    return {pl.Boolean: "true or false", pl.Date: "date"}.get(dtype.base_type(), "text")


def numbers(column: SourceColumn) -> Float64[ndarray, " rows"]:
    """A column as float64, NaN where a value is missing; true is 1, false is 0.

    Raises `DataError` for the first row that holds text, infinity, or a number that float32 does not reach.
    """
    values = column.values
    if values.dtype == pl.String:
        values = as_numbers(values)
        wrong = values.is_null() & column.values.is_not_null()
        comma = wrong & column.values.str.contains(_DECIMAL_COMMA).fill_null(False)
        grouped = wrong & column.values.str.contains(_THOUSANDS).fill_null(False)
        if grouped.any() and (grouped == wrong).all():
            column.refuse_where(grouped, "a number has no comma, as there may stand between thousands (write `1234.5`)")
        column.refuse_where(comma, "a number has a decimal point, not a decimal comma (write the file with `1.5`)")
        column.refuse_where(wrong, "expected a number (texts that mean a missing one belong in `source.null_values`)")
    elif not (values.dtype.is_numeric() or values.dtype in (pl.Boolean, pl.Null)):
        raise column.error(f"expected numbers: received {column.shown(0)} of type {values.dtype}", 0)
    out = np.array(values.cast(pl.Float64).fill_null(float("nan")).to_numpy())
    column.refuse_where(np.abs(out) > LARGEST, f"expected a finite number of at most {LARGEST:.1e} (float32)")
    return out


def keys(column: SourceColumn | None, height: int) -> tuple[Int64[ndarray, " rows"], tuple[str, ...]]:
    """The number of each row's sequence, counted by first appearance, and the sequences' keys as text."""
    if column is None:
        return np.zeros(height, np.int64), ("all",)
    text = _texts(column, "every row needs a key that says which sequence it belongs to")
    run = column.values.rle_id().to_numpy().astype(np.int64)
    starts = np.flatnonzero(np.diff(run, prepend=-1))
    key_of_run = text.gather(starts)
    names = key_of_run.unique(maintain_order=True)
    if (again := names.filter(~_composed(names).is_first_distinct())).len():
        rule = "two keys look alike and are other characters (é, or e and an accent): write them alike"
        column.refuse_where(text == again[0], rule)
    codes = key_of_run.cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)
    return codes[run], tuple(names)


def constant(
    column: SourceColumn, source: Int64[ndarray, " rows"], offsets: Int64[ndarray, " sequences_and_one"]
) -> pl.Series:
    """The one value that each sequence has; `source` maps sorted rows to the table's.

    Raises `DataError` for the first row that differs from the first of its sequence.
    """
    first = np.repeat(source[offsets[:-1]], np.diff(offsets))
    values = column.values
    wrong = np.zeros(len(values), bool)
    wrong[source] = ~values.gather(source).eq_missing(values.gather(first)).to_numpy()
    column.refuse_where(wrong, "a sequence has one value of this column, the same in all its rows")
    return values.gather(source[offsets[:-1]])


def labels(column: SourceColumn, *, needed: bool) -> SourceColumn:
    """The labels as text (true and false too), whole numbers or numbers.

    Raises `DataError` for an empty one where labels are `needed`, and for NaN and infinity.
    """
    values = column.values
    _refuse_unspelled(column)
    if needed:
        column.refuse_where(_empty(values), "every row of a sample needs its label")
    if values.dtype.is_float() or values.dtype.is_decimal():
        values = values.cast(pl.Float64)
        column.refuse_where(values.is_finite().not_().fill_null(False), "a label that is a number is finite")
    elif values.dtype.is_integer():
        beyond = values.cast(pl.Int64, strict=False).is_null() & values.is_not_null()
        column.refuse_where(beyond, "a label that is a whole number has at most 64 bits (write it as text)")
        values = values.cast(pl.Int64)
    else:
        values = as_text(values)
    return SourceColumn(values, column.origin, column.at)


def groups(column: SourceColumn) -> SourceColumn:
    """The groups as text; raises `DataError` for an empty one."""
    return SourceColumn(_composed(_texts(column, "every row needs its group")), column.origin, column.at)


def official(column: SourceColumn) -> Int8[ndarray, " rows"]:
    """The parts that a column names; raises `DataError` for another value than train, validation, test."""
    _refuse_unspelled(column)
    known = column.values.cast(pl.String)
    column.refuse_where(~known.is_in(list(PARTS)).fill_null(False), f"a part is one of {', '.join(PARTS)}")
    return known.replace_strict(list(PARTS), list(PARTS.values()), return_dtype=pl.Int8).to_numpy()


def _texts(column: SourceColumn, rule: str) -> pl.Series:
    _refuse_unspelled(column)
    column.refuse_where(_empty(column.values), rule)
    return column.values.cast(pl.String)


def _refuse_unspelled(column: SourceColumn) -> None:
    if not spelled(column.values.dtype):
        raise column.error(f"expected text or numbers: received type {column.values.dtype}", 0)


def spelled(dtype: pl.DataType) -> bool:
    """Whether values of a type are told apart by their text: lists, bytes and lengths of time have none."""
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Duration))


def as_text(values: pl.Series) -> pl.Series:
    """Values as text, alike however their column came: 8, not 8.0; é as one character (NFC), not as e and an accent."""
    if values.dtype.is_float():
        whole = values.is_finite() & (values == values.round()) & (values.abs() < 2**53)
        number = pl.select(pl.when(whole).then(values).cast(pl.Int64)).to_series().cast(pl.String)
        others = values.fill_nan(None).cast(pl.String)
        return pl.select(pl.when(whole).then(number).otherwise(others)).to_series()
    return _composed(values.cast(pl.String))


def _composed(text: pl.Series) -> pl.Series:
    """Unicode's normal form C, in which texts that look alike are alike (Unicode Standard Annex 15)."""
    plain = (text.str.len_bytes() == text.str.len_chars()).all()
    return text if plain else text.str.normalize("NFC")


def _empty(values: pl.Series) -> pl.Series:
    return (values == "").fill_null(True) if values.dtype == pl.String else values.is_null()
