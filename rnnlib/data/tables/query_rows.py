"""The rows of a query: each column of one type, and kept so that they can be read again as they were."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from rnnlib.data.tables.http import kept
from rnnlib.errors import DataError
from rnnlib.place import Place

_KNOWN = (bool, int, float, str, bytes, date, time, timedelta, Decimal, list, tuple, dict, type(None))
"""What polars has a type for; whatever else a driver gives (UUIDs, addresses) is read as text."""


def table_of_rows(names: Sequence[str], rows: Sequence[tuple[Any, ...]], shown: str) -> pl.DataFrame:
    """The rows of `shown` as a table. Raises `DataError` for two columns of one name, and a column of two types."""
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise _error("two columns have this name: rename one", shown, twice)
    return pl.DataFrame([_column(name, [row[at] for row in rows], shown) for at, name in enumerate(names)])


def _column(name: str, values: list[Any], shown: str) -> pl.Series:
    kinds = {type(value) for value in values} - {type(None)}
    if Decimal in kinds or kinds == {int, float}:
        values = [None if value is None else float(value) for value in values]
    elif not all(issubclass(kind, _KNOWN) for kind in kinds):
        values = [None if value is None else str(value) for value in values]
    try:
        column = pl.Series(name, values, strict=True)
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise _error(f"a column holds values of one type: {reason}; cast it in the query", shown, name) from None
    return column.cast(pl.Float64) if column.dtype == pl.Null else column


def _error(message: str, shown: str, column: str) -> DataError:
    return DataError(message, file=shown, column=column, at=("source", "query"))


def kept_rows(rows: pl.DataFrame, place: Place) -> str:
    """Keeps the rows in the cache, under the sha256 of the columns' names, types and values, which is given."""
    content = rows.write_ipc(None, compression="uncompressed").getvalue()
    digest = hashlib.sha256(content).hexdigest()
    if rows_kept(digest, place) is None:
        kept(content, place)
    return digest


def rows_kept(digest: str, place: Place) -> pl.DataFrame | None:
    """The rows that were kept under a digest; none where they are not there any more, or damaged."""
    path = place.cache / digest
    if not path.is_file() or hashlib.sha256(content := path.read_bytes()).hexdigest() != digest:
        return None
    path.touch()  # a clean-up goes by when it was last used
    return pl.read_ipc(content)
