"""What is forecast: numbers that are not all the same."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from flows.starter.columns import for_a_class, is_constant, listed
from rnnlib.data.columns import numbers
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.text_types import as_numbers
from rnnlib.errors import DataError

_TARGETS = ("y", "target", "value")
_RULE = "what is forecast are numbers that are not all the same"


def target_of(frame: pl.DataFrame, file: str, columns: Sequence[str], labels: Sequence[str]) -> str:
    """The one of the columns of numbers that must be meant; raises `DataError` where that is none or several."""
    varying = [name for name in columns if not is_constant(frame[name])]
    by_name = [name for name in varying if name.lower() in _TARGETS]
    if len(found := by_name or varying) == 1:
        return found[0]
    if not varying:
        for column in frame:
            if _almost_numbers(column):
                numbers(SourceColumn(column, Origin((file,)), ()))
        raise DataError(f"{_RULE}, the columns are {listed(frame.columns)}: check the file", file=file)
    remedy = "; ".join(filter(None, (f"name it, say --target {varying[0]}", for_a_class(labels))))
    raise DataError(f"any of {listed(varying)} could be what is to be forecast: {remedy}", file=file)


def refuse_as_target(frame: pl.DataFrame, file: str, name: str) -> None:
    """Raises `DataError` where the column holds no numbers, a text among them, or one and the same."""
    column = frame[name]
    if column.null_count() == len(column):
        raise DataError(f"{_RULE}, and every row is empty: name another column", file=file, column=name)
    if column.dtype == pl.String and not _almost_numbers(column):
        rule = f"{_RULE}, and this one has none: received `{column.drop_nulls()[0]}`"
        raise DataError(f"{rule}; name another column, or for a class say --label {name}", file=file, column=name)
    values = numbers(SourceColumn(column, Origin((file,)), ()))
    if is_constant(pl.Series(values).fill_nan(None)):
        rule = f"{_RULE}, and every row has `{column.drop_nulls()[0]}`"
        raise DataError(f"{rule}: name another column", file=file, column=name)


def _almost_numbers(column: pl.Series) -> bool:
    """Whether most texts are numbers, those with a decimal comma among them."""
    if column.dtype != pl.String or column.null_count() == len(column):
        return False
    texts = column.drop_nulls()
    return int(as_numbers(texts.str.replace(",", ".", literal=True)).is_not_null().sum()) * 2 > len(texts)
