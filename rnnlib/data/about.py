"""What is known of a data set beside its arrays: its columns, its times, and what each step did to it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from rnnlib.data.seen import Contract
from rnnlib.part import Facts

Role = Literal["target", "past", "future", "features"]
"""What a column is for. Forecasting has target, past and future columns; classification and regression features."""

Holds = Literal["numbers", "words", "characters", "tokens", "samples", "pixels"]
"""What the values of a column are.

Codes of words, by their place in `About.words`; Unicode code points; tokens that `encode` made of these, which an
embedding reads; samples of a recording; pixels of a frame.
"""


class Column(Facts):
    """One column of the flat array."""

    name: str = Field(description="the column's name in the source")
    role: Role = Field(description="what it is for")
    unit: str | None = Field(None, description="its unit, as `load.units` names it")
    holds: Holds = Field("numbers", description="what its values are")


class TimeAxis(Facts):
    """How the times of a data set are to be read: microseconds since 1970 (UTC), or whole numbers (a step index)."""

    kind: Literal["datetime", "date", "integer"] = "datetime"
    zone: str | None = Field(None, description="the IANA zone of aware times; none for naive ones")
    every: str | None = Field(None, description="the step between rows, as polars writes it (`1h`, `1mo`, `1i`)")
    written: str | None = Field(None, description="the pattern (strptime) of times that are text and not ISO 8601")
    clock: dict[str, str] = Field({}, description="how local times are read that the clocks repeat or skip")


class About(Facts):
    """Everything about a data set that is no array. Each step adds what it did."""

    columns: tuple[Column, ...]
    static: tuple[str, ...] = ()
    tags: tuple[str, ...] = Field((), description="the columns of truths that every step has")
    tag_words: tuple[str, ...] | None = Field(
        None, description="the words that tags are, in ascending order; none where they are numbers"
    )
    words: dict[str, tuple[str, ...]] = Field(
        {}, description="what the codes and the tokens of a column stand for, static ones too; token 0 is unknown"
    )
    static_tokens: tuple[str, ...] = Field((), description="the static columns that hold tokens, made by `encode`")
    rate: float | None = Field(None, description="samples a second of recordings, frames a second of videos")
    frame: tuple[int, int, int] | None = Field(None, description="height, width and channels of frames of pixels")
    source: dict[str, Any] | None = Field(
        None, description="how files that are no tables are read, their rate and their frame"
    )
    time: TimeAxis | None = None
    roles: dict[str, Any] = Field({}, description="the roles as the spec wrote them")
    characters: dict[str, int] = Field({}, description="the characters of each part's texts before they were encoded")
    names: dict[str, str] = Field({}, description="the source columns of series, time, sample, label, group")
    types: dict[str, str] = Field({}, description="the type of every source column that has a role")
    ignored: tuple[str, ...] = Field((), description="columns of the source that have no role")
    made: dict[str, Any] = Field({}, description="what is made from the times, and whether they are irregular")
    missing: dict[str, Any] | None = Field(None, description="the fill policy; applied within each part")
    files: dict[str, str] = Field({}, description="sha256 of every source file, by the name in the spec")
    repairs: dict[str, int] = Field({}, description="documented repairs, and how many values each changed")
    accepted: tuple[str, ...] = Field((), description="what differs from the contract and was accepted, in words")
    contract: Contract | None = Field(None, description="what the load saw of the source, for later data to be held to")
    holding: dict[str, Any] | None = Field(None, description="how differences from the contract are answered")
    split: dict[str, Any] | None = Field(None, description="the split's section and its cuts")
    holdout: str | None = Field(None, description="digest of validation and test rows, checked later")
    encoders: tuple[dict[str, Any], ...] = Field((), description="fitted encoders, in the order in which they are done")
    transforms: dict[str, Any] = Field({}, description="fitted normalizers: role -> state, as JSON")
    window: dict[str, int] | None = Field(None, description="context, horizon and stride, in rows")
    augment: tuple[dict[str, Any], ...] = Field((), description="augmentations of the train part")
    accept: dict[str, Any] | None = Field(None, description="how it is decided whether they are kept; none: they are")

    @property
    def units(self) -> dict[str, str]:
        """The unit of every column that has one."""
        return {column.name: column.unit for column in self.columns if column.unit is not None}
