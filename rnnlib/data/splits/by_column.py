"""The parts that the data names itself."""

from __future__ import annotations

from typing import Literal, Self

from jaxtyping import Int8
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.amounts import Amount
from rnnlib.data.dataset import DataSet
from rnnlib.data.splits.drawn import Stratify
from rnnlib.data.splits.held_out import held_out
from rnnlib.data.splits.method import SplitMethod
from rnnlib.errors import Refused, misplaced


class ByColumn(SplitMethod):
    """The official parts: each row's is written in the column that has the role `part`."""

    by: Literal["column"] = "column"
    validation: Amount | None = Field(None, description="held out from train where the column names no validation rows")
    stratify: Stratify = Field(False, description="whether what is held out has the classes in train's proportion")

    @model_validator(mode="after")
    def _something_to_stratify(self) -> Self:
        if self.stratify and self.validation is None:
            raise misplaced(
                "`stratify` is for a validation share of train: give `validation`, or leave it out", "stratify"
            )
        return self

    def assign(self, data: DataSet, seed: int) -> Int8[ndarray, " rows"]:
        """The part of every row; raises `Refused` where the data names no parts."""
        if data.official is None:
            rule = "`by: column` takes the parts that a column names, and the data has none"
            raise Refused(f"{rule}: name it under `load.roles.part`", at=("by",))
        if self.validation is None:
            return data.official.copy()
        return held_out(data, data.official, self.validation, stratify=bool(self.stratify), seed=seed)
