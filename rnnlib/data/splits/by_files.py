"""The parts that files make."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal, Self

import numpy as np
import polars as pl
from jaxtyping import Int8
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.amounts import Extent, Patterns
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.splits.drawn import Stratify
from rnnlib.data.splits.held_out import held_out
from rnnlib.data.splits.method import SplitMethod
from rnnlib.errors import DataError, Refused, misplaced


class ByFiles(SplitMethod):
    """Each file of the source belongs to one part: `train: [train_*.csv], test: [test.csv]`.

    A pattern is matched against the file's name, or against its path where it has a `/`.
    """

    by: Literal["files"] = "files"
    train: Patterns | None = Field(None, description="files to train on; those that no other part names where absent")
    validation: Extent | None = Field(None, description="files to validate on, or how much of train is held out for it")
    test: Patterns = Field(..., description="files to test on")
    stratify: Stratify = Field(False, description="whether what is held out has the classes in train's proportion")

    @model_validator(mode="after")
    def _something_to_stratify(self) -> Self:
        if self.stratify and (self.validation is None or isinstance(self.validation, tuple)):
            raise misplaced("`stratify` is for a share of train: give `validation: 20%`, or leave it out", "stratify")
        return self

    def assign(self, data: DataSet, seed: int) -> Int8[ndarray, " rows"]:
        """The part of every row; raises `DataError` for a file in two parts or in none, and an idle pattern."""
        part = self._of_rows(data)
        if self.validation is None or isinstance(self.validation, tuple):
            return part
        return held_out(data, part, self.validation, stratify=bool(self.stratify), seed=seed)

    def _of_rows(self, data: DataSet) -> Int8[ndarray, " rows"]:
        if data.file_of_row is not None:
            part_of = self._assigned(list(data.about.files))
            of_file = np.array([part_of[file] for file in data.about.files], np.int8)
            return np.asarray(of_file[data.file_of_row])
        if "file" not in data.sequences.columns:
            rule = "`by: files` takes each file as one part, and the source has a single one"
            raise Refused(f"{rule}: let `load.source.path` match several", at=("by",))
        files = data.sequences["file"].cast(pl.String)
        part_of = self._assigned(files.unique().sort().to_list())
        return np.asarray(np.array([part_of[file] for file in files], np.int8)[data.sequence_of_row])

    def _assigned(self, files: list[str]) -> dict[str, PartOf]:
        """The part of each file."""
        found: dict[str, PartOf] = {}
        for part, patterns in self._patterns():
            for at, pattern in enumerate(patterns):
                matched = [file for file in files if PurePosixPath(file).match(pattern)]
                if not matched:
                    rule = f"no file of the source matches `{pattern}`"
                    raise DataError(f"{rule}: it has {', '.join(files[:8])}", at=(part.name, at))
                if twice := next((file for file in matched if found.get(file, part) is not part), None):
                    rule = f"a file belongs to one part, and `{twice}` is in {found[twice].name} and {part.name}"
                    raise DataError(f"{rule}: narrow a pattern", at=(part.name, at))
                found |= dict.fromkeys(matched, part)
        if self.train is not None and (left := [file for file in files if file not in found]):
            raise DataError(f"every file belongs to a part, and `{left[0]}` to none: name it", at=("train",))
        return {file: found.get(file, PartOf.train) for file in files}

    def _patterns(self) -> list[tuple[PartOf, tuple[str, ...]]]:
        validation = self.validation if isinstance(self.validation, tuple) else ()
        return [(PartOf.train, self.train or ()), (PartOf.validation, validation), (PartOf.test, self.test)]
