"""What the data is like once it is read: lengths, the step between rows, gaps, missing values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from flows.starter.clocks import PutBack, put_back
from flows.starter.columns import Guess, for_a_class
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.errors import DataError
from rnnlib.metrics.seasonal import season_of

_FEWEST_ROWS = 24
_FEWEST_SAMPLES = 20


@dataclass(frozen=True)
class Facts:
    """What a first spec rests on beyond the roles."""

    sequences: int
    shortest: int
    longest: int
    every: str | None
    """The step between rows; none for whole numbers and where there are no times."""
    season: int | None
    missing: int
    """Values that are not there, those of inserted rows among them."""
    unsorted: bool
    duplicates: int
    """Rows whose time another row has, too."""
    put_back: PutBack | None
    """What explains some of them: a clock that was put back."""
    rarest: int
    """How many samples the smallest class has; 0 where there are no classes."""


def facts_of(frame: pl.DataFrame, guess: Guess, file: str) -> Facts:
    """The facts of a table; raises `DataError` where it cannot be read, or is too small to learn from and be tested."""
    whole = Missing(fill="none", otherwise="mask")
    roles = guess.roles
    data = frame_to_dataset(
        frame,
        roles,
        file=file,
        missing=whole,
        unsorted="sort",
        duplicates="mean" if roles.time else "refuse",
        time_format=guess.time_format,
    )
    axis = data.about.time
    every = axis.every if axis is not None and axis.kind != "integer" else None
    facts = Facts(
        sequences=len(data.lengths),
        shortest=int(data.lengths.min()),
        longest=int(data.lengths.max()),
        every=every,
        season=season_of(every),
        missing=int(np.isnan(data.raw).sum()),
        unsorted=bool(data.about.repairs.get("rows moved")),
        duplicates=data.about.repairs.get("duplicate rows", 0),
        put_back=put_back(frame, guess, file) if data.about.repairs.get("duplicate rows") else None,
        rarest=int(data.sequences["label"].value_counts()["count"].to_numpy().min()) if guess.classes else 0,
    )
    _refuse_small(facts, roles, file, guess.labels)
    return facts


def _refuse_small(facts: Facts, roles: Roles, file: str, labels: Sequence[str]) -> None:
    if roles.target and facts.shortest < _FEWEST_ROWS:
        rule = f"a series needs at least {_FEWEST_ROWS} rows to be trained on and tested"
        remedy = for_a_class(labels) or "leave short series out"
        raise DataError(f"{rule}, the shortest has {facts.shortest}: {remedy}", file=file)
    if roles.label and facts.sequences < _FEWEST_SAMPLES:
        rule = f"at least {_FEWEST_SAMPLES} samples are needed to train and test"
        raise DataError(f"{rule}, there are {facts.sequences}: add some", file=file, column=roles.sample)
    if roles.label and 0 < facts.rarest < 3:
        rule = "each class needs a sample in each of train, validation and test"
        raise DataError(
            f"{rule}, the rarest has {facts.rarest}: add some or leave it out", file=file, column=roles.label
        )
