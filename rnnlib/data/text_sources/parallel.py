"""Tokens in files beside each other: line 7 of each is about the same sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from rnnlib.data.source import FileSource
from rnnlib.data.tables.base import FILE
from rnnlib.data.text_sources.reading import SENTENCE, Encoding, joined, read_lines
from rnnlib.errors import DataError, misplaced
from rnnlib.part import Resolvable
from rnnlib.place import File, Place

Name = Annotated[str, Field(min_length=1, max_length=1000)]
Names = Annotated[dict[Name, Name], Field(max_length=1000)]


class Parallel(FileSource):
    """Files of one folder whose lines belong together: `tokens` has the files with a value for each token of a line.

    `lines` has those with one value for a whole line. Columns: `sentence`, counted from 1, and those named here. With
    `tokens` every token is a row; without, every line is. Several folders give several parts:
    `split: {by: files, test: [test/seq.in]}` names each folder by its first file.
    """

    kind: Literal["parallel"] = "parallel"
    path: Annotated[
        str,
        Resolvable,
        Field(min_length=1, max_length=4096, description="the folder of the files, or a pattern for several: `data/*`"),
    ]
    tokens: Names = Field({}, description="columns with a value for each token of a line, and the file of each")
    lines: Names = Field({}, description="columns with one value for each line, and the file of each")
    encoding: Encoding = Field("utf8", description="the encoding; bytes that do not fit are refused")

    @model_validator(mode="after")
    def _columns_are_told_apart(self) -> Self:
        if not self.tokens and not self.lines:
            raise misplaced("files need names: received none; write `tokens: {word: seq.in}`")
        for field in ("tokens", "lines"):
            for name, file in getattr(self, field).items():
                if name == SENTENCE or (field == "lines" and name in self.tokens):
                    rule = f"every column has a name of its own, and `{name}` is another's"
                    raise misplaced(f"{rule}: choose another", field, name)
                if PurePosixPath(file).name != file or set(file) & set("*?[$"):
                    raise misplaced(f"a file is named without its folder: received `{file}`", field, name)
        return self

    def files(self, place: Place) -> list[File]:
        """The files, folder by folder. Raises `DataError` where a folder lacks one of them."""
        found = [place.files(f"{self.path.rstrip('/')}/{name}") for name in self._names().values()]
        folders = [[PurePosixPath(file.shown).parent for file in files] for files in found]
        everywhere = set(chain.from_iterable(folders))
        for name, one in zip(self._names().values(), folders, strict=True):
            if lacking := sorted(everywhere - set(one)):
                rule = f"every folder has the same files, and `{lacking[0]}` has no `{name}`"
                raise DataError(f"{rule}: put it there, or narrow `path`")
        return list(chain.from_iterable(zip(*found, strict=True)))

    def _names(self) -> Mapping[str, str]:
        return {**self.tokens, **self.lines}

    def read_files(self, files: Sequence[File]) -> pl.DataFrame:
        """All tokens, or all lines. Raises `DataError` for files of different length, and lines of different length."""
        count = len(self._names())
        folders = [files[start : start + count] for start in range(0, len(files), count)]
        frame = joined([folder[0] for folder in folders], [self._table(folder) for folder in folders])
        several = len(files) > 1 and len(folders) == 1  # its rows come from the first file, which stands for the others
        return frame.with_columns(pl.lit(files[0].shown).alias(FILE)) if several else frame

    def _table(self, folder: Sequence[File]) -> pl.DataFrame:
        read = dict(zip(self._names(), (read_lines(file, self.encoding) for file in folder), strict=True))
        for file, lines in zip(folder, read.values(), strict=True):
            first = len(next(iter(read.values())))
            if len(lines) != first:
                rule = f"files beside each other have as many lines, and {folder[0].shown} has {first}"
                raise DataError(f"{rule}: received {len(lines)}; give both the same lines", file=file.shown)
        numbers = pl.Series(SENTENCE, range(1, first + 1), dtype=pl.Int64)
        whole = {name: pl.Series(name, read[name], dtype=pl.String) for name in self.lines}
        if not self.tokens:
            return pl.DataFrame({SENTENCE: numbers, **whole})
        cells = {name: [line.split() for line in read[name]] for name in self.tokens}
        lengths = _lengths(cells, dict(zip(self._names(), folder, strict=True)))
        of_row = numbers.to_frame().with_columns(**whole).select(pl.all().repeat_by(pl.Series(lengths)).explode())
        return of_row.with_columns(pl.Series(name, list(chain(*values))) for name, values in cells.items())


def _lengths(cells: Mapping[str, Sequence[Sequence[str]]], files: Mapping[str, File]) -> list[int]:
    """How many tokens each line has; raises `DataError` where files do not agree, or a line has none."""
    (first, values), *others = cells.items()
    lengths = [len(line) for line in values]
    for name, lines in ((first, values), *others):
        for at, (expected, line) in enumerate(zip(lengths, lines, strict=True)):
            if len(line) != expected or not line:
                rule = f"every token has one value in each file: `{first}` has {expected} in line {at + 1}"
                remedy = "correct the line" if line else "take the empty line out of all files"
                raise DataError(f"{rule}, `{name}` {len(line)}: {remedy}", file=files[name].shown, row=at + 1)
    return lengths
