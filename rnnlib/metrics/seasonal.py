"""The season: how many rows it has, and the in-sample error of repeating it, which scales the MASE."""

from __future__ import annotations

import re

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

_HOUR, _DAY, _WEEK, _YEAR_OF_WEEKS = 3600, 86_400, 604_800, 52 * 604_800
_SECONDS = {"s": 1, "m": 60, "h": _HOUR, "d": _DAY, "w": _WEEK}
_MONTHS = {"mo": 1, "q": 3}


def season_of(every: str | None) -> int | None:
    """The rows of a season, from the step between rows as polars writes it; none where no usual season divides it.

    Seconds repeat hourly, minutes and hours daily (`1h`: 24), days weekly (`1d`: 7), weeks (`1w`: 52), months
    (`1mo`: 12) and quarters yearly.
    """
    match = re.fullmatch(r"([0-9]+)(s|m|h|d|w|mo|q)", every or "")
    if match is None or int(match[1]) == 0:
        return None
    count, unit = int(match[1]), match[2]
    step, cycle = (count * _MONTHS[unit], 12) if unit in _MONTHS else _cycle(count * _SECONDS[unit])
    rows, rest = divmod(cycle, step)
    return rows if rows > 1 and rest == 0 else None


def _cycle(step: int) -> tuple[int, int]:
    """A step and the cycle that rows of that step usually follow, in seconds."""
    bounds = ((60, _HOUR), (_DAY, _DAY), (_WEEK, _WEEK))
    return step, next((cycle for below, cycle in bounds if step < below), _YEAR_OF_WEEKS)


def seasonal_scale(
    values: Float64[ndarray, "row target"],
    known: Bool[ndarray, "row target"],
    offsets: Int64[ndarray, " sequences_and_one"],
    season: int,
) -> Float64[ndarray, "sequence target"]:
    """The mean of |y_t − y_{t−m}| over pairs of known rows of each sequence; NaN where there is no pair.

    `known` marks observed train rows. What differs by rounding alone is exactly 0: such a sequence has no scale.
    """
    sequences = len(offsets) - 1
    scale = np.full((sequences, values.shape[1]), np.nan)
    for sequence in range(sequences):
        rows = slice(offsets[sequence], offsets[sequence + 1])
        later, before = values[rows][season:], values[rows][:-season]
        pair = known[rows][season:] & known[rows][:-season]
        for target in np.flatnonzero(pair.any(axis=0)):
            ends = later[pair[:, target], target]
            change = np.abs(ends - before[pair[:, target], target]).mean()
            rounding = np.finfo(np.float64).eps * np.abs(ends).max()
            scale[sequence, target] = change if change > rounding else 0.0
    return scale
