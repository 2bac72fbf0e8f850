"""Unit jumps: numbers so far from before that they must be in another unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from rnnlib.data.seen import SeenColumn

_CONVERSIONS: Mapping[str, tuple[float, float]] = {
    **{f"1{'0' * zeros} times as large": (10.0**zeros, 0.0) for zeros in (1, 2, 3, 6, 9)},
    **{f"1{'0' * zeros} times as small": (10.0**-zeros, 0.0) for zeros in (1, 2, 3, 6, 9)},
    "60 times as large": (60.0, 0.0),
    "60 times as small": (1 / 60, 0.0),
    "3600 times as large": (3600.0, 0.0),
    "3600 times as small": (1 / 3600, 0.0),
    "°F where there was °C": (1.8, 32.0),
    "°C where there was °F": (1 / 1.8, -32 / 1.8),
    "K where there was °C": (1.0, 273.15),
    "°C where there was K": (1.0, -273.15),
}
"""y = a x + b of usual changes of a unit."""

LEAST_VALUES = 20
FAR, VERY_FAR, ALIKE = 1.0, 10.0, 0.25
SCALE, SCALE_VALUES = 20.0, 100


class Jump(NamedTuple):
    """How far the numbers are from before, and the change of unit that would explain it."""

    distance: float
    explained: str | None


def unit_jump(before: SeenColumn, after: SeenColumn) -> Jump | None:
    """The jump of a column's numbers; none where they are near enough, or too few.

    D = max |Q'(p) − Q(p)| / W over the quantiles p = 5, 25, 50, 75, 95 %, W = Q(95 %) − Q(5 %) as it was. A jump is
    D > 10; or D > 1 where a usual change of unit y = a x + b brings D below 1/4; or a width W' of more than 20 times
    W or less than W / 20, of 100 values or more. Numbers from within those that there were, as of a calm day or of a
    wet month, have only jumped where a usual change of unit brings D below 1/4. Where W is 0, as of a column that is
    mostly 0, the widths are those from the least to the greatest.
    """
    if before.quantiles is None or after.quantiles is None or after.observed < LEAST_VALUES:
        return None
    inner = before.quantiles[-1] > before.quantiles[0]
    width, wide = (_width(one, inner=inner) for one in (before, after))
    if width == 0:
        return None
    distance = _distance(before.quantiles, after.quantiles, width)
    found = {
        name: _distance(_turned(before, *how), after.quantiles, how[0] * width) for name, how in _CONVERSIONS.items()
    }
    best = min(found, key=lambda name: found[name])
    explained = best if found[best] < ALIKE else None
    ratio = wide / width
    scaled = after.observed >= SCALE_VALUES and wide > 0 and not 1 / SCALE <= ratio <= SCALE
    if explained is None and _within(before, after):
        return None
    if distance > VERY_FAR or scaled or (distance > FAR and explained is not None):
        return Jump(distance, explained)
    return None


def _width(column: SeenColumn, *, inner: bool) -> float:
    assert column.quantiles is not None
    assert column.least is not None
    assert column.most is not None
    return column.quantiles[-1] - column.quantiles[0] if inner else column.most - column.least


def _within(before: SeenColumn, after: SeenColumn) -> bool:
    """Whether nine in ten of the values lie where there were some before."""
    assert before.least is not None
    assert before.most is not None
    assert after.quantiles is not None
    return before.least <= after.quantiles[0] and after.quantiles[-1] <= before.most


def _turned(column: SeenColumn, factor: float, shift: float) -> tuple[float, ...]:
    assert column.quantiles is not None
    return tuple(factor * value + shift for value in column.quantiles)


def _distance(one: tuple[float, ...], other: tuple[float, ...], width: float) -> float:
    return float(np.abs(np.subtract(other, one)).max() / width)
