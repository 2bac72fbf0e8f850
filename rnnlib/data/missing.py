"""Missing values: what they are filled with, and what becomes of those that are not filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, Self

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.errors import DataError, misplaced
from rnnlib.part import Part

Offsets = Int64[ndarray, " sequences_and_one"]
Stops = Int64[ndarray, " sequences"]
Values = Float64[ndarray, " rows"]
Rows = Int64[ndarray, " rows"]
Numbers = Int64[ndarray, " missing"]


class Missing(Part):
    """What is done about missing values. They are filled within each part of the data, never from a later one.

    forward: the last value; interpolate: on the line between the neighbours, and the last value where a part ends
    before the next one; seasonal: the last value that was measured a whole number of seasons before; constant: `value`;
    none: nothing is filled. What is before the first value of a sequence is filled by `constant` only. Categories are
    never filled here: `encode` says what a row without one becomes.
    """

    fill: Literal["forward", "interpolate", "seasonal", "constant", "none"] = Field(
        description="what a missing value becomes"
    )
    value: float | None = Field(None, ge=-1e30, le=1e30, description="the constant, in data units")
    season: int | None = Field(None, ge=1, le=10**6, description="the rows of a season, for `seasonal`")
    at_most: int | None = Field(
        None,
        ge=1,
        le=10**9,
        description="the longest run of missing rows that is filled; longer ones stay whole, with `seasonal` what is "
        "behind so many rows",
    )
    otherwise: Literal["refuse", "mask"] = Field(
        "refuse", description="what becomes of the rest: an error, or a mask that losses and scores honour"
    )

    @model_validator(mode="after")
    def _no_option_without_effect(self) -> Self:
        if (self.value is None) == (self.fill == "constant"):
            need = "needs" if self.fill == "constant" else "has no"
            raise misplaced(f"`fill: {self.fill}` {need} `value`: received {self.value}", "value")
        if (self.season is None) == (self.fill == "seasonal"):
            need = "needs" if self.fill == "seasonal" else "has no"
            raise misplaced(f"`fill: {self.fill}` {need} `season`: received {self.season}", "season")
        if self.fill == "none" and self.at_most is not None:
            raise misplaced("`fill: none` fills nothing, so `at_most` has no effect: leave it out", "at_most")
        if self.fill == "none" and self.otherwise == "refuse":
            rule = "`fill: none` with `otherwise: refuse` is what happens without `missing`"
            raise misplaced(f"{rule}: write `otherwise: mask`, or leave `missing` out", "otherwise")
        return self

    @property
    def looks_ahead(self) -> bool:
        """Whether what a hole becomes rests on what follows it: a line's other end, or how long it lasts."""
        return self.fill == "interpolate" or (self.fill in ("forward", "constant") and self.at_most is not None)


def fill_missing(
    raw: Float64[ndarray, "rows columns"],
    offsets: Offsets,
    policy: Missing,
    stop: Stops | None = None,
    *,
    columns: Sequence[str] = (),
    keys: Sequence[str] = (),
    only: Sequence[int] | None = None,
) -> Float64[ndarray, "rows columns"]:
    """A copy of `raw` (NaN where missing) with the rows of each sequence before `stop` filled as the policy says.

    `only` are the positions of the columns that it is about, all where left out: categories are `encode`'s.

    Row numbers in `stop` count over all sequences, as in `offsets`; none means the sequences' ends. No row at or
    after `stop` is read or changed, so a part that ends at `stop` takes nothing from later ones. To fill several
    parts, call it with the unfilled `raw` once for each part's end and keep that part's rows.

    Raises `DataError` where something is left and the policy is to refuse it; `columns` and `keys` name it.
    """
    stop = offsets[1:] if stop is None else stop
    sequence = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))
    before = np.arange(raw.shape[0]) < stop[sequence]
    filled = np.array(raw, dtype=np.float64)
    asked = np.isin(np.arange(raw.shape[1]), range(raw.shape[1]) if only is None else only)
    for column in np.flatnonzero(asked):
        missing = np.isnan(raw[:, column]) & before
        if missing.any():
            _fill(filled[:, column], missing, start=offsets[:-1], stop=stop, of_row=sequence, policy=policy)
    if policy.otherwise == "refuse":
        _refuse(np.isnan(filled) & before[:, None] & asked, offsets, sequence, columns, keys)
    return filled


def _fill(
    values: Values, missing: Bool[ndarray, " rows"], *, start: Stops, stop: Stops, of_row: Rows, policy: Missing
) -> None:
    """Fills one column in place."""
    rows = np.arange(values.size)
    known = ~np.isnan(values)
    # The known neighbours of each row; where there is none, the row before the sequence or the one at `stop`.
    left = np.maximum(np.maximum.accumulate(np.where(known, rows, -1)), start[of_row] - 1)
    right = np.minimum(np.minimum.accumulate(np.where(known, rows, values.size)[::-1])[::-1], stop[of_row])
    longest = values.size if policy.at_most is None else policy.at_most
    # how long a hole lasts is known afterwards only: a seasonal fill, which looks back alone, does not ask
    long = rows - left if policy.fill == "seasonal" else right - left - 1
    at = np.flatnonzero(missing & (long <= longest))
    begun, ended = left[at] < start[of_row[at]], right[at] >= stop[of_row[at]]
    _FILL[policy.fill](values, Runs(at, left[at], right[at], ~begun, ~ended, start[of_row[at]]), policy)


class Runs(NamedTuple):
    """Missing rows, the neighbours of the run that each is in, and whether there is a value on that side."""

    at: Int64[ndarray, " missing"]
    left: Int64[ndarray, " missing"]
    right: Int64[ndarray, " missing"]
    has_left: Bool[ndarray, " missing"]
    has_right: Bool[ndarray, " missing"]
    begin: Int64[ndarray, " missing"]
    """The first row of their sequence."""


def _forward(values: Values, runs: Runs, _policy: Missing) -> None:
    values[runs.at[runs.has_left]] = values[runs.left[runs.has_left]]


def _interpolate(values: Values, runs: Runs, policy: Missing) -> None:
    inside = runs.has_left & runs.has_right
    at, left, right = runs.at[inside], runs.left[inside], runs.right[inside]
    share = (at - left) / (right - left)
    between = values[left] * (1 - share) + values[right] * share
    _forward(values, runs, policy)
    values[at] = between


def _seasonal(values: Values, runs: Runs, policy: Missing) -> None:
    assert policy.season is not None, "a seasonal fill has a season"
    given = seasons_before(~np.isnan(values), runs.at, runs.begin, policy.season)
    values[runs.at[given >= 0]] = values[given[given >= 0]]


def seasons_before(known: Bool[ndarray, " rows"], at: Numbers, begin: Numbers, season: int) -> Numbers:
    """The last row whose value is known, whole seasons before each of `at` and not before `begin`; −1 where none is."""
    found = np.full(at.size, -1)
    open_, row = np.arange(at.size), at - season
    while open_.size:
        inside = row >= begin[open_]
        open_, row = open_[inside], row[inside]
        there = known[row]
        found[open_[there]] = row[there]
        open_, row = open_[~there], row[~there] - season
    return found


def _constant(values: Values, runs: Runs, policy: Missing) -> None:
    values[runs.at] = policy.value


def _nothing(_values: Values, _runs: Runs, _policy: Missing) -> None:
    """Leaves the values as they are."""


_FILL: Mapping[str, Callable[[Values, Runs, Missing], None]] = {
    "forward": _forward,
    "interpolate": _interpolate,
    "seasonal": _seasonal,
    "constant": _constant,
    "none": _nothing,
}


def _refuse(
    left: Bool[ndarray, "rows columns"],
    offsets: Offsets,
    sequence: Rows,
    columns: Sequence[str],
    keys: Sequence[str],
) -> None:
    if not left.any():
        return
    row, column = (int(number) for number in np.argwhere(left)[0])
    which = int(sequence[row])
    where = f"row {row - int(offsets[which]) + 1} of sequence {keys[which] if keys else which + 1}"
    rule = f"{int(left.sum())} missing values are left after filling, the first in {where}"
    remedy = "complete the rows, or train with a greater `missing.at_most`, `fill: constant` or `otherwise: mask`"
    raise DataError(f"{rule}: {remedy}", column=columns[column] if columns else None, at=("missing",))
