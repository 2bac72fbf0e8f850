"""Sources whose files are rows: one table out of one file or of several."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, ClassVar, NamedTuple, Self

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from rnnlib.data.source import FileSource
from rnnlib.data.tables.partitions import partitioned
from rnnlib.data.tables.remote import is_url, lines_of, refuse_storage, remote_files
from rnnlib.data.text_types import typed
from rnnlib.errors import DataError, Refused, misplaced
from rnnlib.place import File, Place

FILE = "file"
"""The column that names the file of each row, where a source has several."""

UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)
"""What polars raises of a file that is damaged."""


class Read(NamedTuple):
    """The rows of a source, and the types of the columns that were not asked for."""

    rows: pl.DataFrame
    others: Mapping[str, pl.DataType] = MappingProxyType({})

    @property
    def types(self) -> Mapping[str, pl.DataType]:
        """The types of all columns."""
        return {**self.rows.schema, **self.others}


class TableSource(FileSource):
    """One or more files of rows."""

    inferred: ClassVar[bool] = False
    """Whether its files hold texts, whose types are found over all rows of all files."""

    partitions: bool = Field(
        False, description="whether folders named `year=2024` on the way to a file are columns of its rows"
    )

    storage: dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=1000)]] = Field(
        {}, max_length=20, description="of a URL: region and endpoint of its store, and credentials as references"
    )

    @model_validator(mode="after")
    def _no_secret_in_the_spec(self) -> Self:
        try:
            refuse_storage(self.path, self.storage)
        except Refused as error:
            raise misplaced(str(error), "storage") from None
        return self

    def files(self, place: Place) -> list[File]:
        """The files, in the order of their names; what a URL names is brought here first."""
        return (
            remote_files(self.fetched, self.path, self.storage, place) if is_url(self.path) else place.files(self.path)
        )

    def fetched(self, url: str, storage: Mapping[str, str | int]) -> Mapping[str, bytes]:
        """The objects of a store, by their URL: as text, which is what most formats are."""
        return lines_of(url, storage)

    def read(self, place: Place) -> pl.DataFrame:
        """All rows, in the files' order; where there are several files, the column `file` says which.

        Raises `DataError` where a file is empty, damaged, or has other columns than the first.
        """
        return self.read_files(self.files(place))

    def read_files(self, files: Sequence[File]) -> pl.DataFrame:
        """All rows of `files`, which may lie anywhere: it is the caller who vouches for their place."""
        return self.read_columns(files, None).rows

    def read_wanted(self, files: Sequence[File], wanted: Collection[str]) -> pl.DataFrame:
        """The same, where columns that are not wanted may be left empty, with the type that they have."""
        rows, others = self.read_columns(files, wanted)
        if set(rows.columns).issuperset(wanted):
            return rows.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in others.items())
        return self.read_files(files) if others else rows

    def read_columns(self, files: Sequence[File], wanted: Collection[str] | None) -> Read:
        """The rows of `files`; of their columns those that are wanted, where the others need not be read."""
        for file in files:
            if file.path.stat().st_size == 0:
                raise DataError("the file is empty: it needs a header and rows", file=file.shown)
        rows, others = _joined(files, self.tables(files, wanted))
        rows = typed(rows) if self.inferred else rows
        return Read(partitioned(rows, files, FILE) if self.partitions else rows, others)

    @abstractmethod
    def tables(self, files: Sequence[File], wanted: Collection[str] | None) -> Sequence[Read]:
        """The rows of each file, none of which is empty. Raises `DataError`."""


def _joined(files: Sequence[File], tables: Sequence[Read]) -> Read:
    """The rows of all files in one table; raises `DataError` where one has other columns than the first."""
    for file, table in zip(files, tables, strict=True):
        _comparable(files[0], tables[0], file, table)
    frames = [table.rows for table in tables]
    if len(files) == 1:
        return tables[0]
    if FILE in tables[0].types:
        rule = "several files get a column `file` that names the file of each row, and they have one already"
        raise DataError(f"{rule}: rename it", file=files[0].shown, column=FILE)
    columns = frames[0].columns
    rows = pl.concat([frame[columns] for frame in frames], rechunk=True)
    names, heights = pl.Series([file.shown for file in files]), [frame.height for frame in frames]
    of_row = names.cast(pl.Enum(names)).gather(np.repeat(np.arange(len(files)), heights)).alias(FILE)
    return Read(rows.with_columns(of_row), tables[0].others)


def _comparable(first: File, expected: Read, file: File, table: Read) -> None:
    if table.rows.height == 0:
        raise DataError("the file has a header and no rows", file=file.shown)
    here, there = table.types, expected.types
    for column in sorted(set(here) ^ set(there)):
        side = "missing here" if column in there else "not there"
        rule = f"all files of a source have the same columns, and {first.shown} has others"
        raise DataError(f"{rule}: this one is {side}", file=file.shown, column=column)
    for column, dtype in here.items():
        if dtype != there[column]:
            rule = f"a column has one type in all files: {there[column]} in {first.shown}, {dtype} here"
            raise DataError(rule, file=file.shown, column=column)
