"""Splits: which rows are for training, validation and test; and what follows from it, filling and the holdout."""

from __future__ import annotations

from typing import Annotated

from rnnlib.data.splits.by_column import ByColumn
from rnnlib.data.splits.by_files import ByFiles
from rnnlib.data.splits.by_group import ByGroup
from rnnlib.data.splits.by_random import ByRandom
from rnnlib.data.splits.by_time import ByTime
from rnnlib.data.splits.method import SplitMethod
from rnnlib.data.splits.parts import split
from rnnlib.part import Family

AnySplit = Annotated[ByTime | ByRandom | ByGroup | ByColumn | ByFiles, Family("split", tag="by")]

__all__ = ["AnySplit", "ByColumn", "ByFiles", "ByGroup", "ByRandom", "ByTime", "SplitMethod", "split"]
