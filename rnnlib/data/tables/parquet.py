"""Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import ClassVar, Literal

import polars as pl

from rnnlib.data.tables.columnar import ColumnarSource
from rnnlib.data.tables.remote import PATH


class Parquet(ColumnarSource):
    """Parquet files, with the types that they carry; only the columns that have a role are read."""

    called: ClassVar[str] = "Parquet"

    kind: Literal["parquet"] = "parquet"

    def scan(self, where: Path | str, storage: Mapping[str, str | int] | None) -> pl.LazyFrame:
        """A file, or the objects behind a URL (with their own in a column of that name); nothing is read yet."""
        if storage is None:
            return pl.scan_parquet(where, glob=False, hive_partitioning=False)
        return pl.scan_parquet(
            where,
            hive_partitioning=False,
            storage_options=dict(storage),
            credential_provider=None,
            include_file_paths=PATH,
        )

    def written(self, frame: pl.DataFrame, to: BytesIO) -> None:
        """Writes a table in this format."""
        frame.write_parquet(to)
