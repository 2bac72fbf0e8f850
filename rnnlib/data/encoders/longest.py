"""Sequences cut to a length."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from pydantic import Field

from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders.base import Encoder, FittedEncoder
from rnnlib.data.encoders.rows import with_rows
from rnnlib.errors import Refused

CUT = ("sequences cut", "steps cut")
"""How `about.repairs` calls what goes."""


class FittedLongest(FittedEncoder):
    """At most `steps` of each sequence."""

    kind: Literal["longest"] = "longest"
    steps: int = Field(ge=1, description="how many steps stay")
    keep: Literal["first", "last"] = Field(description="which ones")

    def apply(self, data: DataSet) -> DataSet:
        """The data set without the other steps; how many went is in `about.repairs`."""
        kept = np.minimum(data.lengths, self.steps)
        gone = data.lengths - kept
        if not gone.any():
            return data
        first = data.offsets[:-1] + (gone if self.keep == "last" else 0)
        rows = np.repeat(first - np.cumsum(kept) + kept, kept) + np.arange(kept.sum())
        made = with_rows(data, data.raw[rows], kept, rows, data.about.columns)
        observed = None if data.observed is None else data.observed[rows]
        counts = dict(zip(CUT, (int((gone > 0).sum()), int(gone.sum())), strict=True))
        made = made.with_about(repairs={**data.about.repairs, **counts})
        return replace(made, observed=observed)


class Longest(Encoder):
    """Cuts sequences that are longer than `steps`, and counts what goes; nothing is cut where no spec says so."""

    kind: Literal["longest"] = "longest"
    steps: int = Field(ge=1, le=10**7, description="how many steps of a sequence stay at most")
    keep: Literal["first", "last"] = Field("first", description="which steps stay: the first, or the last")

    def fit(self, data: DataSet) -> FittedLongest:
        """Nothing is fitted; raises `Refused` for series, whose windows have a length already."""
        if data.having("target"):
            rule = "`longest` cuts whole sequences, and a forecast reads windows of a series"
            raise Refused(f"{rule}: write their length as `window.context`")
        return FittedLongest(steps=self.steps, keep=self.keep)
