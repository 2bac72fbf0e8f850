"""JSON objects, one in each line."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Literal

import polars as pl

from rnnlib.data.tables.base import UNREADABLE, Read, TableSource
from rnnlib.errors import DataError
from rnnlib.place import File


class Ndjson(TableSource):
    """A JSON object in each line. Types are inferred over the whole file; a key that a line lacks is a missing value.

    A column that holds numbers in some lines and texts in others is text.
    """

    kind: Literal["ndjson"] = "ndjson"

    def tables(self, files: Sequence[File], wanted: Collection[str] | None) -> list[Read]:  # noqa: ARG002 - a text is read whole
        """All columns of each file."""
        return [Read(_parsed(file)) for file in files]


def _parsed(file: File) -> pl.DataFrame:
    content = file.path.read_bytes()
    try:
        rows = pl.read_ndjson(content, infer_schema_length=None)
    except UNREADABLE as error:
        _refuse_lines(content, file)
        reason = str(error).partition("\n")[0]
        raise DataError(f"cannot be read as lines of JSON: {reason}", file=file.shown) from error
    if rows.width == 0:
        raise DataError(
            "no line has a key: a line is an object such as `{...}` with a value for each column", file=file.shown
        )
    nulls = pl.selectors.by_dtype(pl.Null).cast(pl.Float64)  # as in a csv file
    return rows.with_columns(nulls)


def _refuse_lines(content: bytes, file: File) -> None:
    """Raises `DataError` for the first line that is no JSON object."""
    row = 0
    for line in content.split(b"\n"):
        if not line.strip():
            continue
        row += 1
        try:
            value = json.loads(line)
        except ValueError as error:
            raise DataError(
                f"this line is no JSON: {error}; write one object in each line", file=file.shown, row=row
            ) from None
        if not isinstance(value, dict):
            rule = 'a line is a JSON object, `{"column": value}`'
            raise DataError(f"{rule}: received {type(value).__name__}", file=file.shown, row=row)
