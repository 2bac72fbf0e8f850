"""Sources of files that hold columns with their types: of these only what is wanted is read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import polars as pl

from rnnlib.data.tables.base import UNREADABLE, Read, TableSource
from rnnlib.data.tables.remote import PATH
from rnnlib.errors import DataError
from rnnlib.place import File


class ColumnarSource(TableSource):
    """Files of columns, with the types that they carry."""

    called: ClassVar[str]
    """The format's name, as errors say it."""

    lazily: ClassVar[Callable[..., pl.LazyFrame]]
    """What opens such files without reading them."""

    @abstractmethod
    def written(self, frame: pl.DataFrame, to: BytesIO) -> None:
        """Writes a table in this format."""

    def scan(self, where: Path | str, storage: Mapping[str, str | int] | None) -> pl.LazyFrame:
        """A file, or the objects behind a URL (with their own in a column of that name); nothing is read yet."""
        opened = type(self).lazily
        if storage is None:
            return opened(where, glob=False, hive_partitioning=False)
        return opened(
            where,
            hive_partitioning=False,
            storage_options=dict(storage),
            credential_provider=None,
            include_file_paths=PATH,
        )

    def fetched(self, url: str, storage: Mapping[str, str | int]) -> Mapping[str, bytes]:
        """The objects of a store, by their URL, each written again as it is read."""
        out = {}
        rows = self.scan(url, storage).collect(engine="in-memory")
        for name, one in rows.partition_by(PATH, as_dict=True, maintain_order=True, include_key=False).items():
            self.written(one, content := BytesIO())
            out[str(name[0])] = content.getvalue()
        return out

    def tables(self, files: Sequence[File], wanted: Collection[str] | None) -> list[Read]:
        """The wanted columns of each file; all of them where it has none of these."""
        return [self._read(file, wanted) for file in files]

    def _read(self, file: File, wanted: Collection[str] | None) -> Read:
        try:
            lazy = self.scan(file.path, None)
            columns = lazy.collect_schema()
            here = [name for name in columns if wanted is None or name in wanted] or list(columns)
            rows = lazy.select(pl.selectors.by_name(*here)).collect(engine="in-memory")
        except UNREADABLE as error:
            reason = str(error).partition("\n")[0]
            raise DataError(f"cannot be read as {self.called}: {reason}", file=file.shown) from error
        return Read(rows, {name: dtype for name, dtype in columns.items() if name not in here})
