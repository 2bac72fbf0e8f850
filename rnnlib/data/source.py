"""What every source is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import polars as pl
from pydantic import Field

from rnnlib.data.arrays import Arrays
from rnnlib.part import Part, Resolvable
from rnnlib.place import File, Place

Pattern = Annotated[
    str,
    Resolvable,
    Field(min_length=1, max_length=4096, description="the file, or a pattern as `data/*.csv`; from the spec's folder"),
]


class Source(Part):
    """Where the data comes from: a table, whose rows become sequences, or sequences as arrays."""

    whole: ClassVar[bool] = False
    """Whether it gives sequences as they are: then there are no times, and nothing to sort."""

    @abstractmethod
    def files(self, place: Place) -> list[File]:
        """The files, in the order in which they are read; none for what is made."""

    def again(self) -> Mapping[str, Any] | None:
        """The fields by which clips that a model is later given are read as those that it was trained on; else none."""
        return None

    @abstractmethod
    def read_files(self, files: Sequence[File]) -> pl.DataFrame | Arrays:
        """All that is in `files`, which may lie anywhere: it is the caller who vouches for their place."""


class FileSource(Source):
    """One or more files."""

    path: Pattern

    def files(self, place: Place) -> list[File]:
        """The files, in the order of their names."""
        return place.files(self.path)
