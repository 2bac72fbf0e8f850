"""Tab-separated text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rnnlib.data.tables.delimited import Delimited
from rnnlib.data.tables.delimited_source import DelimitedSource


class Tsv(DelimitedSource):
    """Tab-separated text with a header; a quotation mark is a character like any other, unless `quote` names it.

    Source: the media type text/tab-separated-values (IANA), in which fields hold no tab and are not quoted.
    """

    kind: Literal["tsv"] = "tsv"
    quote: Annotated[str, Field(pattern=r"^[\x20-\x7e]$")] | None = Field(
        None, description="what encloses a field that holds a tab; null, as the format says, for none"
    )

    @property
    def form(self) -> Delimited:
        """How the file is written."""
        return Delimited("\t", self.quote, self.null_values, self.encoding)
