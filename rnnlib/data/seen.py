"""What a load saw: the schema that later loads, retraining and predictions are held against."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rnnlib.part import Facts

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles that are kept of a column of numbers."""


class SeenColumn(Facts):
    """One column of the source as it was seen; the numbers are those of observed values."""

    name: str = Field(description="its name in the source")
    type: str = Field(description="its type in words")
    role: str | None = Field(None, description="what it was for; none where nothing read it")
    unit: str | None = Field(None, description="its unit, as the spec named it")
    observed: int = Field(0, description="how many values there were")
    missing: float = Field(0.0, description="the share of values that were missing")
    least: float | None = Field(None, description="the least number")
    most: float | None = Field(None, description="the greatest number")
    quantiles: tuple[float, ...] | None = Field(None, description="the 5, 25, 50, 75 and 95 % quantiles")
    commonest: float | None = Field(None, description="the share of the most frequent number")
    changes: float | None = Field(None, description="the share of rows whose number differs from the one before")
    lasting: int | None = Field(None, description="the longest run of rows of one sequence with one number")
    categories: dict[str, float] | None = Field(
        None, description="the share of every category; none where the list is not closed: new words keep coming"
    )

    @property
    def numeric(self) -> bool:
        """Whether it was described as numbers."""
        return self.quantiles is not None


class Contract(Facts):
    """What a load saw. The columns stand in the order of the source."""

    format: Literal[1] = 1
    columns: tuple[SeenColumn, ...]
    rows: int
    sequences: int
    lengths: tuple[int, int, int] = Field(description="of the sequences, in rows: the least, the median, the greatest")
    kind: str | None = Field(None, description="what times are: datetime, date or integer")
    every: str | None = Field(None, description="the step between two rows")
    zone: str | None = Field(None, description="the zone of the times")
    span: tuple[str, str] | None = Field(None, description="the first and the last time")
    label: str | None = Field(None, description="the column of the classes, of sequences or of their steps")
    classes: dict[str, int] | None = Field(None, description="how often every class was seen; none of more than 1000")
    closed: bool = Field(True, description="whether hardly a new class is to be expected: then one is a difference")

    @property
    def text(self) -> str:
        """The contract as a file has it: to be read by a person, and compared line by line."""
        return self.model_dump_json(indent=1, exclude_defaults=True) + "\n"

    def column(self, name: str) -> SeenColumn | None:
        """The column of a name, if there was one."""
        return next((column for column in self.columns if column.name == name), None)
