"""A data set is ragged sequences: flat arrays, start offsets, and a table with one row per sequence.

Shapes: rows = all time steps of all sequences, one after another; sequence i is `offsets[i]:offsets[i + 1]`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from jaxtyping import Bool, Float32, Float64, Int8, Int16, Int64
from numpy import ndarray
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


class PartOf(IntEnum):
    """The part of the data that a row belongs to."""

    nowhere = -1
    train = 0
    validation = 1
    test = 2


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
    source: dict[str, Any] | None = Field(None, description="how clips are read, their rate and their frame")
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


@dataclass(frozen=True)
class DataSet:
    """Ragged sequences with their roles, parts and fitted transforms; arrays may be read-only memory maps.

    `raw` is in data units and never changes after `split`; `values` is what models see (normalized, float32).
    A missing value is NaN in `raw`, False in `observed` and 0 in `values`. `sequences` has one row per sequence:
    `key` (text), and where they exist `label`, `group`, `file`. Where rows of one sequence come from several files,
    `file` is absent and `file_of_row` says which of `about.files` each row is from. `tags` are truths of single steps,
    NaN where a step has none; a word is its position in `about.tag_words`.
    """

    about: About
    raw: Float64[ndarray, "rows columns"]
    offsets: Int64[ndarray, " sequences_and_one"]
    sequences: pl.DataFrame
    times: Int64[ndarray, " rows"] | None = None
    observed: Bool[ndarray, "rows columns"] | None = None
    part: Int8[ndarray, " rows"] | None = None
    static: Float64[ndarray, "sequences statics"] | None = None
    normalized: Float32[ndarray, "rows columns"] | None = None
    normalized_static: Float32[ndarray, "sequences statics"] | None = None
    official: Int8[ndarray, " rows"] | None = None
    file_of_row: Int16[ndarray, " rows"] | None = None
    tags: Float64[ndarray, "rows tags"] | None = None

    @property
    def rows(self) -> int:
        """The number of time steps over all sequences."""
        return int(self.raw.shape[0])

    @cached_property
    def lengths(self) -> Int64[ndarray, " sequences"]:
        """The length of every sequence, in rows."""
        return np.diff(self.offsets)

    @cached_property
    def values(self) -> Float32[ndarray, "rows columns"]:
        """What models see: normalized where `normalize` ran, else the data as it is; missing values are 0."""
        if self.normalized is not None:
            return self.normalized
        return np.ascontiguousarray(np.nan_to_num(self.raw, nan=0.0), dtype=np.float32)

    @cached_property
    def absent(self) -> Bool[ndarray, "rows columns"] | None:
        """Which values there are not, filled ones counted as there; none where every value is."""
        found = np.isnan(self.raw)
        return found if found.any() else None

    @cached_property
    def static_values(self) -> Float32[ndarray, "sequences statics"] | None:
        """The static values that models see."""
        if self.normalized_static is not None or self.static is None:
            return self.normalized_static
        return np.ascontiguousarray(self.static, dtype=np.float32)

    def having(self, role: Role) -> list[int]:
        """The positions of the columns that have `role`."""
        return [position for position, column in enumerate(self.about.columns) if column.role == role]

    @property
    def measurable(self) -> list[int]:
        """The positions of the columns between whose values there are others: all but words and tokens."""
        kinds = ("words", "tokens")
        return [position for position, column in enumerate(self.about.columns) if column.holds not in kinds]

    def rows_of(self, part: PartOf) -> Bool[ndarray, " rows"]:
        """Which rows belong to `part`; all of them where the data is not split."""
        return np.ones(self.rows, bool) if self.part is None else self.part == part

    @cached_property
    def sequence_of_row(self) -> Int64[ndarray, " rows"]:
        """The number of the sequence that each row belongs to."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def with_about(self, **changes: Any) -> DataSet:
        """This data set with some of its facts replaced, as `dataclasses.replace` does; unknown ones are refused."""
        return replace(self, about=About(**{**dict(self.about), **changes}))

    def holdout_digest(self) -> str:
        """A digest of everything that scores may rest on: the held-out rows, what of them was measured, their labels.

        What a step does to the train part does not change it.
        """
        assert self.part is not None, "a holdout exists after `split`"
        held = self.part > PartOf.train
        measured = ~np.isnan(self.raw[held]) if self.observed is None else self.observed[held]
        digest = hashlib.sha256()
        for array in (self.raw[held], self.part[held], measured):
            digest.update(np.ascontiguousarray(array).tobytes())
        if "label" in self.sequences.columns:
            labels = self.sequences["label"].gather(np.unique(self.sequence_of_row[held]))
            digest.update(json.dumps(labels.to_list()).encode())
        if self.tags is not None:
            digest.update(np.ascontiguousarray(self.tags[held]).tobytes())
        return digest.hexdigest()

    _ARRAYS = (
        "raw", "offsets", "times", "observed", "part", "static", "normalized", "normalized_static", "official",
        "file_of_row", "tags",
    )  # fmt: skip

    def save(self, folder: Path, *, like: Path | None = None) -> None:
        """Writes `about.json`, `sequences.parquet` and one `.npy` per array.

        Arrays that are the very same file in `like` (the folder that this data set was opened from) are linked, so
        a step that changes one array costs that array only.
        """
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "about.json").write_text(self.about.model_dump_json(indent=1))
        self.sequences.write_parquet(folder / "sequences.parquet")
        for name in self._ARRAYS:
            array = getattr(self, name)
            if array is None:
                continue
            target = folder / f"{name}.npy"
            if like is not None and isinstance(array, np.memmap) and array.filename == str(like / f"{name}.npy"):
                _link(like / f"{name}.npy", target)
            else:
                np.save(target, np.ascontiguousarray(array), allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> DataSet:
        """The data set in `folder`; arrays are read-only memory maps."""
        arrays = {}
        for name in cls._ARRAYS:
            file = folder / f"{name}.npy"
            if not file.exists():
                continue
            # an array without elements cannot be mapped
            mapped = np.load(file, mmap_mode=None if _empty(file) else "r", allow_pickle=False)
            if isinstance(mapped, np.memmap):
                mapped.filename = str(file)  # NumPy resolves links; `save` compares names
            arrays[name] = mapped
        return cls(
            about=About.model_validate_json((folder / "about.json").read_text()),
            sequences=pl.read_parquet(folder / "sequences.parquet"),
            **arrays,
        )


def _empty(file: Path) -> bool:
    with file.open("rb") as stream:
        version = np.lib.format.read_magic(stream)
        shape = (np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0)(
            stream
        )[0]
    return 0 in shape


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links: a copy is as good, only larger
        shutil.copyfile(source, target)
