"""Whole files as texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Literal

import polars as pl
from pydantic import Field

from rnnlib.data.source import FileSource
from rnnlib.data.text_sources.reading import Encoding, joined, read_text
from rnnlib.place import File


class Text(FileSource):
    """Plain text, each file one text: books, articles, programs.

    Columns: `text`, all that the file holds, and `name`, the file's name without its ending.
    """

    kind: Literal["text"] = "text"
    encoding: Encoding = Field("utf8", description="the encoding; bytes that do not fit are refused")

    def read_files(self, files: Sequence[File]) -> pl.DataFrame:
        """One row for each file. Raises `DataError` for an empty file, and for one of another encoding."""
        frames = [
            pl.DataFrame({"text": [read_text(file, self.encoding)], "name": [PurePath(file.shown).stem]})
            for file in files
        ]
        return joined(files, frames)
