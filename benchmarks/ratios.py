"""The arithmetic of a comparison: contestants took turns, so round r of one is held against round r of the other."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Ratio(NamedTuple):
    """How many times a contestant's rate is that of the reference: the median over rounds, and its spread."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.low:.2f}–{self.high:.2f})"


def ratio(rates: Sequence[float], reference: Sequence[float]) -> Ratio:
    """The ratio round by round; the spread is from the lower to the upper quartile."""
    if len(rates) != len(reference) or not rates:
        raise ValueError(f"rounds are compared in pairs: received {len(rates)} and {len(reference)}")
    pairs = sorted(rate / other for rate, other in zip(rates, reference, strict=True))
    return Ratio(median(pairs), quantile(pairs, 0.25), quantile(pairs, 0.75))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the sorted values lie, on the line between its neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def verdict(reached: float, goal: float) -> str:
    """Whether a ratio reaches its goal."""
    return "reached" if reached >= goal else f"missed by {100 * (1 - reached / goal):.0f} %"
