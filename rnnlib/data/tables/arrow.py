"""Arrow's file format."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl

from rnnlib.data.tables.columnar import ColumnarSource
from rnnlib.place import File


class Arrow(ColumnarSource):
    """Arrow IPC files (Feather, version 2), with the types that they carry; only columns that have a role are read.

    Source: arrow.apache.org/docs/format/Columnar.html, "IPC File Format".
    """

    called: ClassVar[str] = "an Arrow file"

    kind: Literal["arrow"] = "arrow"

    def scan(self, file: File) -> pl.LazyFrame:
        """The file, nothing of which is read yet."""
        return pl.scan_ipc(file.path, glob=False, hive_partitioning=False)
