"""Comma-separated text."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from rnnlib.data.tables.delimited import Delimited
from rnnlib.data.tables.delimited_source import Character, DelimitedSource
from rnnlib.errors import misplaced


class Csv(DelimitedSource):
    """Comma-separated text with a header. Types are inferred over the whole file; a byte order mark is skipped."""

    kind: Literal["csv"] = "csv"
    separator: Character = Field(",", description='what stands between two fields; `"\\t"` is a tab')
    quote: Character | None = Field('"', description="what encloses a field that holds a separator; null for none")

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if self.separator == self.quote:
            raise misplaced(f"`separator` and `quote` are both `{self.quote}`: they must differ", "quote")
        return self

    @property
    def form(self) -> Delimited:
        """How the file is written."""
        return Delimited(self.separator, self.quote, self.null_values, self.encoding)
