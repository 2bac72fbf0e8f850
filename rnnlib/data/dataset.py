"""A data set is ragged sequences: flat arrays, start offsets, and a table with one row per sequence.

Shapes: rows = all time steps of all sequences, one after another; sequence i is `offsets[i]:offsets[i + 1]`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from jaxtyping import Bool, Float32, Float64, Int, Int8, Int64
from numpy import ndarray

from rnnlib.data.about import About, Role
from rnnlib.data.stored_arrays import open_arrays, save_arrays


class PartOf(IntEnum):
    """The part of the data that a row belongs to."""

    nowhere = -1
    train = 0
    validation = 1
    test = 2


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
    file_of_row: Int[ndarray, " rows"] | None = None
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
        values = torch.empty(self.raw.shape, dtype=torch.float32).numpy()  # begins at a line of the cache
        values[...] = self.raw
        values[np.isnan(values)] = 0
        return values

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
        arrays = {name: getattr(self, name) for name in self._ARRAYS}
        save_arrays({name: array for name, array in arrays.items() if array is not None}, folder, like)

    @classmethod
    def open(cls, folder: Path) -> DataSet:
        """The data set in `folder`; arrays are read-only memory maps."""
        return cls(
            about=About.model_validate_json((folder / "about.json").read_text()),
            sequences=pl.read_parquet(folder / "sequences.parquet"),
            **open_arrays(cls._ARRAYS, folder),
        )
