"""The source that fits a data file: its kind, and for text how its fields are separated, encoded and left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from rnnlib.data.delimited import as_numbers
from rnnlib.data.sources import Csv, Parquet, TableSource
from rnnlib.errors import DataError
from rnnlib.place import File

_SEPARATORS = (",", ";", "\t", "|")
_MISSING = frozenset({"NA", "N/A", "n/a", "null", "NULL", "None", "-", "?", "."})
"""Texts that mean a missing value where all else in the column is a number."""


def source_for(path: str, file: File) -> TableSource:
    """The source that reads `file`, which a spec names as `path`; raises `DataError` where none does."""
    suffix = file.path.suffix.lower()
    if suffix == ".parquet":
        return Parquet(path=path)
    if suffix not in (".csv", ".tsv", ".txt"):
        rule = "a spec is started from a .csv, .tsv or .parquet file"
        raise DataError(f"{rule}, received one that ends in `{suffix}`: convert it, or rename it", file=file.shown)
    source = Csv(path=path, separator=_separator(file.path), encoding=_encoding(file.path))
    marks = _missing_marks(source.read_files([file]))
    return source.model_copy(update={"null_values": ("", *marks)}) if marks else source


def _separator(path: Path) -> str:
    """The separator that the header has most of; a comma where it has none of any."""
    with path.open("rb") as stream:
        header = stream.readline().decode("latin-1")
    return max(_SEPARATORS, key=header.count)


def _encoding(path: Path) -> str:
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
