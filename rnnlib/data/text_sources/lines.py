"""Lines as texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from rnnlib.data.source import FileSource
from rnnlib.data.text_sources.reading import Encoding, joined, read_lines
from rnnlib.errors import DataError, misplaced
from rnnlib.place import File


class Lines(FileSource):
    """Plain text, each line one text; its label may stand first or last.

    Columns: `text`; `label`, where lines have one; and `name`, the file's name without its ending, which is a label too
    where every class has a file of its own.
    """

    kind: Literal["lines"] = "lines"
    encoding: Encoding = Field("utf8", description="the encoding; bytes that do not fit are refused")
    label: Literal["first", "last"] | None = Field(None, description="where in a line its label stands, if it has one")
    separator: Annotated[str, Field(min_length=1, max_length=20)] | None = Field(
        None, description="what stands between the label and the text: one space, unless said otherwise"
    )

    @model_validator(mode="after")
    def _between_two(self) -> Self:
        if self.separator is not None and self.label is None:
            raise misplaced(
                "`separator` stands between label and text, and no `label` is named: write `label: first`", "separator"
            )
        return self

    def read_files(self, files: Sequence[File]) -> pl.DataFrame:
        """One row for each line. Raises `DataError` for a line without its label."""
        return joined(files, [self._table(file) for file in files])

    def _table(self, file: File) -> pl.DataFrame:
        lines = read_lines(file, self.encoding)
        if self.label is None:
            columns = {"text": lines}
        else:
            pairs = [self._pair(line, number, file) for number, line in enumerate(lines, 1)]
            columns = {"text": [text for text, _ in pairs], "label": [label for _, label in pairs]}
        return pl.DataFrame({**columns, "name": [PurePath(file.shown).stem] * len(lines)})

    def _pair(self, line: str, number: int, file: File) -> tuple[str, str]:
        separator = self.separator or " "
        one, found, other = line.partition(separator) if self.label == "first" else line.rpartition(separator)
        label, text = (one, other) if self.label == "first" else (other, one)
        if not found or not label.strip() or not text.strip():
            rule = f"a line is a label and a text with {separator!r} between them"
            raise DataError(f"{rule}: received {line[:60]!r}; correct the line", file=file.shown, row=number)
        return text, label
