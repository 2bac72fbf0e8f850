"""Whole groups of sequences are drawn at random."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from jaxtyping import Int8
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.amounts import Portion, check_shares
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.splits.apportion import at_random
from rnnlib.data.splits.drawn import generator, part_sizes
from rnnlib.data.splits.method import SplitMethod
from rnnlib.errors import DataError, Refused


class ByGroup(SplitMethod):
    """Whole groups (subjects, machines, recordings) are shared out: none is in two parts."""

    by: Literal["group"] = "group"
    train: Portion | None = Field(None, description="groups to train on; all that the others leave where absent")
    validation: Portion | None = Field(None, description="groups to validate on; none where absent")
    test: Portion = Field(..., description="groups to test on")

    @model_validator(mode="after")
    def _shares_of_one_whole(self) -> Self:
        check_shares(train=self.train, validation=self.validation, test=self.test)
        return self

    def assign(self, data: DataSet, seed: int) -> Int8[ndarray, " rows"]:
        """The part of every row; raises `Refused` where the data names no group."""
        if "group" not in data.sequences.columns:
            rule = "`by: group` keeps groups together, and the data names none"
            raise Refused(f"{rule}: name their column under `load.roles.group`", at=("by",))
        of_sequence = data.sequences["group"]
        if of_sequence.null_count():
            key = data.sequences["key"].filter(of_sequence.is_null())[0]
            raise DataError(f"every sequence needs a group, and `{key}` has none: name it", at=("by",))
        groups = of_sequence.unique().sort()
        amounts = {PartOf.test: self.test, PartOf.validation: self.validation, PartOf.train: self.train}
        size = part_sizes(len(groups), amounts, "groups")
        part = np.full(len(data.lengths), PartOf.nowhere, np.int8)
        for which, numbers in zip(size, at_random(len(groups), list(size.values()), generator(seed)), strict=True):
            part[of_sequence.is_in(groups.gather(numbers).implode()).to_numpy()] = which
        of_row: Int8[ndarray, " rows"] = part[data.sequence_of_row]
        return of_row
