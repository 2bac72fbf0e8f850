"""Times that are text in another form than ISO 8601: the pattern that spells all of them."""

from __future__ import annotations

import polars as pl

from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.times.time import read_times
from rnnlib.errors import DataError

_DATES = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d")
_CLOCKS = ("", " %H:%M", " %H:%M:%S")
_PATTERNS = tuple(date + clock for date in _DATES for clock in _CLOCKS)


def patterns_of(column: pl.Series) -> list[str]:
    """The patterns that spell every value; two where each day might be a month as well."""
    if column.dtype != pl.String or not len(column):
        return []
    likely = [pattern for pattern in _PATTERNS if _spells(column.head(1), pattern)]
    return [pattern for pattern in likely if _spells(column, pattern)]


def time_format(column: pl.Series, file: str) -> str | None:
    """The `time_format` that a spec needs for a column of times; none where they are written as in ISO 8601.

    Raises `DataError` where the days could be months.
    """
    found = patterns_of(column)
    if len(found) > 1:
        rule = f"`{column[0]}` could be written as {' or as '.join(f'`{pattern}`' for pattern in found)}"
        raise DataError(f"{rule}: write the times as in ISO 8601 (`2026-01-31`)", file=file, column=column.name, row=1)
    return found[0] if found else None


def _spells(column: pl.Series, pattern: str) -> bool:
    try:
        read_times(SourceColumn(column, Origin(("",)), ()), None, pattern)
    except DataError:
        return False
    return True
