"""Tokens in columns, sentences told apart by empty lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from rnnlib.data.source import FileSource
from rnnlib.data.text_sources.reading import SENTENCE, Encoding, joined, read_lines
from rnnlib.errors import DataError, misplaced
from rnnlib.place import File

_BLANKS = re.compile(r"[ \t]+")
"""No other space parts columns: a token may hold one that does not break."""

Name = Annotated[str, Field(min_length=1, max_length=1000)]


class Conll(FileSource):
    """A token in each line, beside it what is known of it; an empty line ends a sentence.

    Columns: `sentence`, counted from 1, and those of `columns`, which are texts.

    Source: Tjong Kim Sang and Buchholz 2000, "Introduction to the CoNLL-2000 shared task: chunking".
    """

    kind: Literal["conll"] = "conll"
    columns: Annotated[dict[Name, Annotated[int, Field(ge=-1000, le=1000)]], Field(min_length=1, max_length=1000)] = (
        Field(description="the name of each column that is read, and where it stands: 0 is the first, -1 the last")
    )
    encoding: Encoding = Field("utf8", description="the encoding; bytes that do not fit are refused")
    separator: Annotated[str, Field(min_length=1, max_length=20)] | None = Field(
        None, description="what stands between two columns; any run of spaces and tabs, unless said"
    )
    comments: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(
        (), max_length=100, description="how lines begin that are no tokens: `#`, `-DOCSTART-`"
    )

    @model_validator(mode="after")
    def _sentences_are_numbered_here(self) -> Self:
        if SENTENCE in self.columns:
            rule = f"`{SENTENCE}` is made by the source itself"
            raise misplaced(f"{rule}: give the column another name", "columns", SENTENCE)
        return self

    def again(self) -> Mapping[str, Any]:
        """All but where the files are."""
        return self.model_dump(mode="json", exclude={"path"})

    def read_files(self, files: Sequence[File]) -> pl.DataFrame:
        """One row for each token. Raises `DataError` for a line that has too few columns, and a file without tokens."""
        return joined(files, [self._table(file) for file in files])

    def _table(self, file: File) -> pl.DataFrame:
        found: dict[str, list[str]] = {name: [] for name in self.columns}
        sentences: list[int] = []
        sentence, open_ = 0, False
        for number, line in enumerate(read_lines(file, self.encoding), 1):
            if not line.strip():
                open_ = False
            elif not line.startswith(self.comments):
                sentence, open_ = sentence + (not open_), True
                sentences.append(sentence)
                self._take(line, number, file, found)
        if not sentences:
            raise DataError("every line is a comment: a file needs tokens", file=file.shown)
        return pl.DataFrame({SENTENCE: sentences, **found})

    def _take(self, line: str, number: int, file: File, into: dict[str, list[str]]) -> None:
        cells = _BLANKS.split(line.strip(" \t")) if self.separator is None else line.split(self.separator)
        taken: dict[int, int] = {}
        for name, at in self.columns.items():
            where = at % len(cells)
            if not -len(cells) <= at < len(cells) or taken.setdefault(where, at) != at:
                beyond = not -len(cells) <= at < len(cells)
                same = "" if beyond or taken.get(where, at) == at else f", so that column {taken[where]} is the same"
                rule = f"`{name}` is column {at} (0 is the first), and line {number} has {_places(len(cells))}{same}"
                raise DataError(f"{rule}: correct the line, or the place under `columns`", file=file.shown)
            into[name].append(cells[at])


def _places(count: int) -> str:
    return "0 alone" if count == 1 else f"{count}, 0 to {count - 1}"
