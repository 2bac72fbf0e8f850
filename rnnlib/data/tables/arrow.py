"""Arrow's file format."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import ClassVar, Literal

import polars as pl

from rnnlib.data.tables.columnar import ColumnarSource
from rnnlib.data.tables.remote import PATH


class Arrow(ColumnarSource):
    """Arrow IPC files (Feather, version 2), with the types that they carry; only columns that have a role are read.

    Source: arrow.apache.org/docs/format/Columnar.html, "IPC File Format".
    """

    called: ClassVar[str] = "an Arrow file"

    kind: Literal["arrow"] = "arrow"

    def scan(self, where: Path | str, storage: Mapping[str, str | int] | None) -> pl.LazyFrame:
        """A file, or the objects behind a URL (with their own in a column of that name); nothing is read yet."""
        if storage is None:
            return pl.scan_ipc(where, glob=False, hive_partitioning=False)
        return pl.scan_ipc(
            where,
            hive_partitioning=False,
            storage_options=dict(storage),
            credential_provider=None,
            include_file_paths=PATH,
        )

    def written(self, frame: pl.DataFrame, to: BytesIO) -> None:
        """Writes a table in this format."""
        frame.write_ipc(to)
