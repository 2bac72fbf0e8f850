"""Whole sequences are drawn at random."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from jaxtyping import Int8
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.amounts import Portion, check_shares
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.splits.drawn import Stratify, draw, part_sizes
from rnnlib.data.splits.method import SplitMethod


class ByRandom(SplitMethod):
    """Whole sequences are shared out at random, or class by class."""

    by: Literal["random"] = "random"
    train: Portion | None = Field(None, description="sequences to train on; all that the others leave where absent")
    validation: Portion | None = Field(None, description="sequences to validate on; none where absent")
    test: Portion = Field(..., description="sequences to test on")
    stratify: Stratify = Field(False, description="whether every part has the classes in the same proportion")

    @model_validator(mode="after")
    def _shares_of_one_whole(self) -> Self:
        check_shares(train=self.train, validation=self.validation, test=self.test)
        return self

    def assign(self, data: DataSet, seed: int) -> Int8[ndarray, " rows"]:
        """The part of every row; raises `DataError` where a part would be empty or lack a class."""
        amounts = {PartOf.test: self.test, PartOf.validation: self.validation, PartOf.train: self.train}
        everyone = np.arange(len(data.lengths))
        size = part_sizes(len(everyone), amounts)
        part = np.full(len(everyone), PartOf.nowhere, np.int8)
        for which, members in draw(data, everyone, size, bool(self.stratify), seed).items():
            part[members] = which
        of_row: Int8[ndarray, " rows"] = part[data.sequence_of_row]
        return of_row
