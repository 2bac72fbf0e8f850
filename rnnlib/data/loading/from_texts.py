"""Texts become a data set: every row of a table is one text, a sequence of its characters."""

from __future__ import annotations

import numpy as np
import polars as pl

from rnnlib.data.about import About
from rnnlib.data.columns import groups, labels, spelled
from rnnlib.data.dataset import DataSet
from rnnlib.data.loading.table import Table
from rnnlib.data.origin import SourceColumn
from rnnlib.data.rows import offsets_of


def texts_to_dataset(table: Table, about: About, expected: About | None) -> DataSet:
    """Texts as a data set whose values are Unicode code points; `about` is what it says of itself.

    Raises `DataError` for a row without a text, and as other tables do for labels, groups, parts and static values.
    """
    role = table.roles.text
    assert role is not None, "its caller saw to it"
    column = table.columns[role]
    if not spelled(column.values.dtype):
        raise column.error(f"a text is text: received type {column.values.dtype}", 0)
    texts = column.values.cast(pl.String)
    remedy = column.remedy(spec="complete the rows or take them out", rows="leave these rows out")
    column.refuse_where((texts == "").fill_null(True), f"every row needs a text of one character or more ({remedy})")
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return DataSet(
        about=about,
        raw=points.astype(np.float64).reshape(-1, 1),
        offsets=offsets_of(lengths),
        sequences=_sequences(table, len(texts), labelled=expected is None),
        static=table.static_of_rows(expected),
        official=None if table.official is None else np.repeat(table.official, lengths),
    )


def _sequences(table: Table, rows: int, *, labelled: bool) -> pl.DataFrame:
    key = table.key
    names = pl.Series([str(number) for number in range(1, rows + 1)]) if key is None else _keys(key)
    frame = pl.DataFrame({"key": names}, schema={"key": pl.String})
    for role, read in (("label", lambda one: labels(one, needed=labelled)), ("group", groups)):
        name = getattr(table.roles, role)
        if name is not None:
            frame = frame.with_columns(read(table.columns[name]).values.alias(role))
    return frame


def _keys(column: SourceColumn) -> pl.Series:
    """The sample of every row; raises `DataError` where it is missing, or two rows have the same."""
    text = column.values.cast(pl.String)
    column.refuse_where(text.is_null(), "every row needs the name of its sample")
    column.refuse_where(~text.is_first_distinct(), "every row is a text of its own, and two have the same sample")
    return text
