"""Arrow's file format."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import ClassVar, Literal

import polars as pl

from rnnlib.data.tables.columnar import ColumnarSource


class Arrow(ColumnarSource):
    """Arrow IPC files (Feather, version 2), with the types that they carry; only columns that have a role are read.

    Source: arrow.apache.org/docs/format/Columnar.html, "IPC File Format".
    """

    called: ClassVar[str] = "an Arrow file"
    lazily: ClassVar[Callable[..., pl.LazyFrame]] = staticmethod(pl.scan_ipc)

    kind: Literal["arrow"] = "arrow"

    def written(self, frame: pl.DataFrame, to: BytesIO) -> None:
        """Writes a table in this format."""
        frame.write_ipc(to)
