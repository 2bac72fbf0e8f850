"""Folders that say what their files hold: files under `year=2024/month=03` have the columns `year` and `month`."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

import polars as pl

from rnnlib.data.text_types import typed
from rnnlib.errors import DataError
from rnnlib.place import File

_MISSING = "__HIVE_DEFAULT_PARTITION__"
"""The folder of rows whose value is missing, as Hive and all that follow it spell it."""


def partitioned(rows: pl.DataFrame, files: Sequence[File], file: str) -> pl.DataFrame:
    """The rows with the columns that their folders name, typed over all files as a delimited text's are.

    `file` is the column with each row's file, where there are several. Raises `DataError` where folders name other
    columns than those of the first file, none at all, or one that the file has itself.
    """
    named = [_named(one) for one in files]
    for one, columns in zip(files, named, strict=True):
        if list(columns) != list(named[0]) or not columns:
            received = ", ".join(columns) or "none"
            rule = f"with `partitions` every file lies in folders named `column=value`, those of {files[0].shown}"
            raise DataError(f"{rule}: received {received}; move the file, or leave `partitions` out", file=one.shown)
    for name in named[0]:
        if name in rows.columns:
            rule = "the folders name this column, and the files have it too"
            raise DataError(f"{rule}: rename one, or leave `partitions` out", file=files[0].shown, column=name)
    values = typed(pl.DataFrame(named, schema=dict.fromkeys(named[0], pl.String), orient="row"))
    of_row = rows[file].to_physical() if len(files) > 1 else pl.repeat(0, rows.height, dtype=pl.UInt32, eager=True)
    return rows.hstack([column.gather(of_row) for column in values.iter_columns()])


def _named(file: File) -> dict[str, str | None]:
    folders = [folder.partition("=") for folder in file.shown.split("/")[:-1] if "=" in folder.strip("=")]
    pairs = [(unquote(name), unquote(value)) for name, _, value in folders]
    return {name: None if value == _MISSING else value for name, value in pairs}
