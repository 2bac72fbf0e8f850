"""Parquet."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import ClassVar, Literal

import polars as pl

from rnnlib.data.tables.columnar import ColumnarSource


class Parquet(ColumnarSource):
    """Parquet files, with the types that they carry; only the columns that have a role are read."""

    called: ClassVar[str] = "Parquet"
    lazily: ClassVar[Callable[..., pl.LazyFrame]] = staticmethod(pl.scan_parquet)

    kind: Literal["parquet"] = "parquet"

    def written(self, frame: pl.DataFrame, to: BytesIO) -> None:
        """Writes a table in this format."""
        frame.write_parquet(to)
