"""Sources of delimited text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Annotated, ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from rnnlib.data.tables.base import Read, TableSource
from rnnlib.data.tables.delimited import Delimited
from rnnlib.data.tables.remote import is_store
from rnnlib.errors import misplaced
from rnnlib.place import File

Character = Annotated[str, Field(pattern=r"^[\x09\x20-\x7e]$")]


class DelimitedSource(TableSource):
    """Text with a header and a line for each row. Types are inferred over all rows of all files."""

    inferred: ClassVar[bool] = True

    encoding: Literal["utf8", "latin-1"] = Field("utf8", description="the encoding; bytes that do not fit are refused")
    null_values: tuple[Annotated[str, Field(max_length=100)], ...] = Field(
        ("",), max_length=100, description="the texts that mean that a value is missing"
    )

    @model_validator(mode="after")
    def _utf8_from_a_store(self) -> Self:
        if self.encoding != "utf8" and is_store(self.path):
            rule = f"text from a store is UTF-8: received `{self.encoding}`"
            raise misplaced(f"{rule}; save it as UTF-8 there, or bring it here as a file", "encoding")
        return self

    @property
    @abstractmethod
    def form(self) -> Delimited:
        """How the file is written."""

    def read_given(self, file: File, texts: Collection[str]) -> pl.DataFrame:
        """The rows of one file, in which `texts` stay as they are written: 1.50 is no 1.5, and True no truth."""
        rows = self.read_files([file])
        if taken := [name for name in texts if name in rows.columns and rows[name].dtype != pl.String]:
            return rows.with_columns(self.form.as_written(file).select(taken))
        return rows

    def tables(self, files: Sequence[File], wanted: Collection[str] | None) -> list[Read]:  # noqa: ARG002 - a text is read whole
        """All columns of each file."""
        return [Read(frame) for frame in self.form.read(files)]
