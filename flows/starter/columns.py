"""What a column may be for, read from its type, its name and its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from flows.starter.written_times import patterns_of
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.roles import Roles
from rnnlib.data.text_types import as_numbers
from rnnlib.data.times.time import read_times
from rnnlib.errors import DataError

TIMES = frozenset(
    {"t", "ts", "ds", "time", "timestamp", "datetime", "date", "day", "week", "month", "quarter", "year", "hour"}
    | {"minute", "second", "step"}
)
"""Names that make a column of whole numbers a time."""

_FEW = 50
"""The most classes that a label is guessed to have."""


@dataclass(frozen=True)
class Guess:
    """The roles that the columns seem to have, and why the others have none."""

    roles: Roles
    unused: dict[str, str]
    classes: int | None = None
    """How many classes the label has; none where it is a number, or where there is no label."""
    time_format: str | None = None
    """How the times are written, where that is not ISO 8601."""
    labels: tuple[str, ...] = ()
    """Columns of a forecast's data that a class might be meant by."""


def is_number(column: pl.Series) -> bool:
    """Whether the values are numbers (true and false too) of which there is at least one."""
    kind = column.dtype
    return (kind.is_numeric() or kind == pl.Boolean) and column.null_count() < len(column)


def is_moment(column: pl.Series) -> bool:
    """Whether every value is a date or a date-time, as such or as ISO text."""
    if not (column.dtype.is_temporal() or column.dtype == pl.String) or _spells_numbers(column):
        return False
    try:
        read_times(SourceColumn(column, Origin(("",)), ()), None, None)
    except DataError:
        return False
    return True


def is_counter(column: pl.Series) -> bool:
    """Whether it is a step index: whole numbers under a name that times have."""
    return column.dtype.is_integer() and not column.null_count() and column.name.lower() in TIMES


def is_key(column: pl.Series) -> bool:
    """Whether its values may name sequences: text or whole numbers, none of them missing."""
    kind = column.dtype
    plain = kind == pl.String or kind.is_integer() or isinstance(kind, pl.Categorical | pl.Enum)
    return plain and not column.null_count() and not (kind == pl.String and (column == "").any())


def is_class(column: pl.Series) -> bool:
    """Whether it may be a class: words, or whole numbers of which there are few; at least two different ones."""
    different = column.drop_nulls().n_unique()
    few = column.dtype.is_integer() and different <= _FEW
    return different >= 2 and (few or not (column.dtype.is_numeric() or column.dtype.is_temporal()))


def unread(frame: pl.DataFrame, name: str, role: str, key: str | None) -> str:
    """Why a column that holds no numbers has no role, and how words of which there are few would get one."""
    column = frame[name]
    if column.null_count() == frame.height:
        return "empty"
    words = isinstance(column.dtype, pl.String | pl.Categorical | pl.Enum)
    if not words or not 2 <= column.drop_nulls().n_unique() <= _FEW:
        return "no numbers"
    role = "static" if key is not None and constant_within(frame, name, key) else role
    return f"words: read if listed as `{role}` and `categorical`, with `encode: {{categorical: {{}}}}` behind `split`"


def is_constant(column: pl.Series) -> bool:
    """Whether there is nothing to learn from it."""
    return column.drop_nulls().n_unique() < 2


def repeats(frame: pl.DataFrame, columns: Sequence[str]) -> bool:
    """Whether two rows agree in all of `columns`."""
    return frame[list(columns)].is_duplicated().any()


def constant_within(frame: pl.DataFrame, column: str, key: str) -> bool:
    """Whether `column` has one value for each value of `key`."""
    return len(_pairs(frame, column, key)) == frame[key].n_unique()


def _pairs(frame: pl.DataFrame, column: str, key: str) -> pl.DataFrame:
    # Series, not names: an expression reads a column that is called `*` as all of them.
    return pl.DataFrame({"value": frame[column], "key": frame[key]}).unique()


def moments(frame: pl.DataFrame) -> list[str]:
    """The columns that may be the time: dates and date-times first, then those in other forms, then step indices."""
    dated = [column.name for column in frame if is_moment(column)]
    dated = dated or [column.name for column in frame if patterns_of(column)]
    return dated or [column.name for column in frame if is_counter(column)]


def listed(names: Sequence[str]) -> str:
    """Names as a message lists them."""
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown or "none"


def for_a_class(labels: Sequence[str]) -> str:
    """What to say where a class of each sample is meant; nothing where no column could be one."""
    return f"for a class, name it: --label {labels[0]}" if labels else ""


def _spells_numbers(column: pl.Series) -> bool:
    return column.dtype == pl.String and as_numbers(column).null_count() < len(column)
