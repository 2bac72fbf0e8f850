"""What every source is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, ClassVar, NamedTuple

import polars as pl
from pydantic import Field

from rnnlib.data.arrays import Arrays
from rnnlib.part import Part, Resolvable
from rnnlib.place import File, Place, fingerprint

Pattern = Annotated[
    str,
    Resolvable,
    Field(min_length=1, max_length=4096, description="the file, or a pattern as `data/*.csv`; from the spec's folder"),
]


class Content(NamedTuple):
    """What a source gives."""

    values: pl.DataFrame | Arrays
    files: Sequence[File]
    """What errors name as the place of the values; where it is several, the column `file` says which."""
    rests_on: Mapping[str, str]


class Source(Part):
    """Where the data comes from: a table, whose rows become sequences, or sequences as arrays."""

    whole: ClassVar[bool] = False
    """Whether it gives sequences as they are: then there are no times, and nothing to sort."""

    @abstractmethod
    def rests_on(self, place: Place) -> dict[str, str]:
        """What the content rests on, by the names that the spec gives it: it enters the step's key.

        Raises `Refused` where something cannot be read.
        """

    @abstractmethod
    def content(self, place: Place, wanted: Collection[str]) -> Content:
        """All rows, or sequences; columns that are not wanted may be left empty. Raises `DataError`."""

    def content_as_of(self, place: Place, wanted: Collection[str], rests_on: Mapping[str, str]) -> Content:  # noqa: ARG002
        """The same as there was when `rests_on` was told, where that can be had; what it rests on says if it is so."""
        return self.content(place, wanted)

    def again(self) -> Mapping[str, Any] | None:
        """The fields by which files that a model is later given are read as those of its training; none of tables."""
        return None


class StoredSource(Source):
    """What is read from files, or made."""

    @abstractmethod
    def files(self, place: Place) -> list[File]:
        """The files, in the order in which they are read; none for what is made."""

    @abstractmethod
    def read_files(self, files: Sequence[File]) -> pl.DataFrame | Arrays:
        """All that is in `files`, which may lie anywhere: it is the caller who vouches for their place."""

    def read_wanted(self, files: Sequence[File], wanted: Collection[str]) -> pl.DataFrame | Arrays:  # noqa: ARG002 - tables
        """The same, where columns that are not wanted may be left empty."""
        return self.read_files(files)

    def rests_on(self, place: Place) -> dict[str, str]:
        """The sha256 of every file."""
        return fingerprint(self.files(place))

    def content(self, place: Place, wanted: Collection[str]) -> Content:
        """What is in the files."""
        files = self.files(place)
        values = self.read_wanted(files, wanted)
        return Content(values, files, fingerprint(files))


class FileSource(StoredSource):
    """One or more files."""

    path: Pattern

    def files(self, place: Place) -> list[File]:
        """The files, in the order of their names."""
        return place.files(self.path)
