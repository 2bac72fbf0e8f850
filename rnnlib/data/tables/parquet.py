"""Parquet."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl

from rnnlib.data.tables.columnar import ColumnarSource
from rnnlib.place import File


class Parquet(ColumnarSource):
    """Parquet files, with the types that they carry; only the columns that have a role are read."""

    called: ClassVar[str] = "Parquet"

    kind: Literal["parquet"] = "parquet"

    def scan(self, file: File) -> pl.LazyFrame:
        """The file, nothing of which is read yet."""
        return pl.scan_parquet(file.path, glob=False, hive_partitioning=False)
