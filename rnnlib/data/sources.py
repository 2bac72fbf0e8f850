"""Sources: where rows come from. A source reads tables; what their columns are for is the roles' business."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from rnnlib.data.adding_problem import AddingProblem
from rnnlib.data.audio import Audio
from rnnlib.data.copy_memory import CopyMemory
from rnnlib.data.delimited import Delimited, typed
from rnnlib.data.mat import Mat
from rnnlib.data.npy import Npy
from rnnlib.data.npz import Npz
from rnnlib.data.source import FileSource
from rnnlib.data.ts import Ts
from rnnlib.errors import DataError, misplaced
from rnnlib.part import Family
from rnnlib.place import File, Place

FILE = "file"
"""The column that names the file of each row, where a source has several."""

Character = Annotated[str, Field(pattern=r"^[\x09\x20-\x7e]$")]


class TableSource(FileSource):
    """One or more files of rows."""

    def read(self, place: Place) -> pl.DataFrame:
        """All rows, in the files' order; where there are several files, the column `file` says which.

        Raises `DataError` where a file is empty, damaged, or has other columns than the first.
        """
        return self.read_files(self.files(place))

    @abstractmethod
    def read_files(self, files: Sequence[File]) -> pl.DataFrame:
        """All rows of `files`, which may lie anywhere: it is the caller who vouches for their place."""


class Csv(TableSource):
    """Comma-separated text with a header. Types are inferred over the whole file; a byte order mark is skipped."""

    kind: Literal["csv"] = "csv"
    separator: Character = Field(",", description='what stands between two fields; `"\\t"` is a tab')
    encoding: Literal["utf8", "latin-1"] = Field("utf8", description="the encoding; bytes that do not fit are refused")
    quote: Character | None = Field('"', description="what encloses a field that holds a separator; null for none")
    null_values: tuple[Annotated[str, Field(max_length=100)], ...] = Field(
        ("",), max_length=100, description="the texts that mean that a value is missing"
    )

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if self.separator == self.quote:
            raise misplaced(f"`separator` and `quote` are both `{self.quote}`: they must differ", "quote")
        return self

    def read_files(self, files: Sequence[File]) -> pl.DataFrame:
        """All rows of `files`; types are inferred over all of them together."""
        form = Delimited(self.separator, self.quote, self.null_values, self.encoding)
        return _joined(files, [form.read(file) for file in files], infer=True)


class Parquet(TableSource):
    """Parquet files, with the types that they carry."""

    kind: Literal["parquet"] = "parquet"

    def read_files(self, files: Sequence[File]) -> pl.DataFrame:
        """All rows of `files`; a column must have one type in all of them."""
        return _joined(files, [_parquet(file) for file in files], infer=False)


AnySource = Annotated[Csv | Parquet | Npz | Npy | Mat | Ts | Audio | AddingProblem | CopyMemory, Family("source")]


def _parquet(file: File) -> pl.DataFrame:
    if file.path.stat().st_size == 0:
        raise DataError("the file is empty: it needs a header and rows", file=file.shown)
    try:
        with file.path.open("rb") as stream:
            return pl.read_parquet(stream, use_pyarrow=False)
    except pl.exceptions.PolarsError as error:
        raise DataError(f"cannot be read as Parquet: {_first_line(error)}", file=file.shown) from error


def _joined(files: Sequence[File], frames: Sequence[pl.DataFrame], *, infer: bool) -> pl.DataFrame:
    for file, frame in zip(files, frames, strict=True):
        _comparable(files[0], frames[0], file, frame)
    if len(files) == 1:
        return typed(frames[0]) if infer else frames[0]
    if FILE in frames[0].columns:
        rule = "several files get a column `file` that names the file of each row, and they have one already"
        raise DataError(f"{rule}: rename it", file=files[0].shown, column=FILE)
    columns = frames[0].columns
    rows = pl.concat([frame[columns] for frame in frames], rechunk=True)
    names, heights = pl.Series([file.shown for file in files]), [frame.height for frame in frames]
    of_row = names.cast(pl.Enum(names)).gather(np.repeat(np.arange(len(files)), heights)).alias(FILE)
    return (typed(rows) if infer else rows).with_columns(of_row)


def _comparable(first: File, expected: pl.DataFrame, file: File, frame: pl.DataFrame) -> None:
    if frame.height == 0:
        raise DataError("the file has a header and no rows", file=file.shown)
    for column in sorted(set(frame.columns) ^ set(expected.columns)):
        side = "missing here" if column in expected.columns else "not there"
        rule = f"all files of a source have the same columns, and {first.shown} has others"
        raise DataError(f"{rule}: this one is {side}", file=file.shown, column=column)
    for column, dtype in frame.schema.items():
        if dtype != expected.schema[column]:
            rule = f"a column has one type in all files: {expected.schema[column]} in {first.shown}, {dtype} here"
            raise DataError(rule, file=file.shown, column=column)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
