"""The last rows of every series are held out."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, Self

import numpy as np
from jaxtyping import Int8
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.amounts import Amount, check_shares, share
from rnnlib.data.batching.next_tokens import tells_nothing_else
from rnnlib.data.batching.windows import Segments
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.splits.cut import Asked, cut
from rnnlib.data.splits.method import SplitMethod
from rnnlib.errors import Refused


class ByTime(SplitMethod):
    """Per series: the last rows are test, those before them validation, the rest train; `leave` is taken off first.

    A text without a label is cut by position in the same way: its rows are its characters.
    """

    by: Literal["time"] = "time"
    train: Amount | None = Field(None, description="the latest rows of the rest; all of them where absent")
    validation: Amount | None = Field(None, description="the rows before the test part; none where absent")
    test: Amount = Field(..., description="the last rows of every series that are not left out")
    leave: Amount | None = Field(None, description="the rows behind the test part, in no part; none where absent")

    @model_validator(mode="after")
    def _shares_of_one_whole(self) -> Self:
        check_shares(train=self.train, validation=self.validation, test=self.test, leave=self.leave)
        return self

    def assign(self, data: DataSet, seed: int) -> Int8[ndarray, " rows"]:  # noqa: ARG002 - nothing is drawn
        """The part of every row; raises `DataError` where a series has too few rows for a part."""
        if not data.having("target") and not tells_nothing_else(data):
            rule = "`by: time` cuts series, and texts without a label, and these are whole sequences"
            raise Refused(f"{rule}: write `by: random`, `group`, `column` or `files`", at=("by",))
        part = np.full(data.rows, PartOf.nowhere, np.int8)
        series = Segments(data.offsets[:-1], data.offsets[1:], np.arange(len(data.lengths)))
        stop, before = series.last, Fraction(0)
        for which, amount in self._amounts():
            start = series.first if amount is None else cut(data, series, stop, Asked(which, amount, before))
            for first, last in zip(start, stop, strict=True):
                part[first:last] = which
            stop, before = start, before + share(amount)
        return part

    def _amounts(self) -> list[tuple[PartOf, Amount | None]]:
        """The parts from the end of a series to its beginning; train without an amount takes all that is left."""
        wanted = ((PartOf.nowhere, self.leave), (PartOf.test, self.test), (PartOf.validation, self.validation))
        return [*((part, amount) for part, amount in wanted if amount is not None), (PartOf.train, self.train)]
