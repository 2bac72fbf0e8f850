"""The source that fits a data file: its kind, and for text how its fields are separated, encoded and left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import polars as pl

from rnnlib.data.sources import Csv, TableSource, Tsv
from rnnlib.data.tables.delimited_source import DelimitedSource
from rnnlib.data.tables.suffixes import SUFFIXES, table_of
from rnnlib.data.text_types import as_numbers
from rnnlib.errors import DataError
from rnnlib.place import File

_SEPARATORS = (",", ";", "\t", "|")
_MISSING = frozenset({"NA", "N/A", "n/a", "null", "NULL", "None", "-", "?", "."})
"""Texts that mean a missing value where all else in the column is a number."""


def source_for(path: str, file: File) -> TableSource:
    """The source that reads `file`, which a spec names as `path`; raises `DataError` where none does."""
    source = table_of(file.path, path)
    if source is None and file.path.suffix.lower() != ".txt":
        rule = f"a spec is started from a .txt, {SUFFIXES} file"
        raise DataError(
            f"{rule}, received one that ends in `{file.path.suffix}`: convert it, or rename it", file=file.shown
        )
    if source is not None and not isinstance(source, DelimitedSource):
        return source
    text = _as_written(path, file.path, Csv if source is None else type(source))
    marks = _missing_marks(text.read_files([file]))
    return text.model_copy(update={"null_values": ("", *marks)}) if marks else text


def _as_written(path: str, file: Path, kind: type[DelimitedSource]) -> DelimitedSource:
    """A text with the encoding that it has; of what may be separated otherwise, with the separator too."""
    if kind is Tsv:
        with file.open("rb") as stream:
            quoted = stream.readline().startswith(b'"')
        return Tsv(path=path, encoding=_encoding(file), quote='"' if quoted else None)
    return Csv(path=path, separator=_separator(file), encoding=_encoding(file))


def _separator(path: Path) -> str:
    """The separator that the header has most of; a comma where it has none of any."""
    with path.open("rb") as stream:
        header = stream.readline().decode("latin-1")
    return max(_SEPARATORS, key=header.count)


def _encoding(path: Path) -> Literal["utf8", "latin-1"]:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf8"


def _missing_marks(frame: pl.DataFrame) -> Sequence[str]:
    found: set[str] = set()
    for column in frame:
        if column.dtype == pl.String:
            numbers = as_numbers(column)
            words = set(column.filter(numbers.is_null() & column.is_not_null()).unique())
            if words <= _MISSING and numbers.is_not_null().any():
                found |= words
    return sorted(found)
