"""The step between two rows, as polars spells it: `15m`, `1h`, `1mo`, and `1i` for whole numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

DAY = 86_400_000_000
"""Microseconds of a day."""

_FIXED = {"w": 7 * DAY, "d": DAY, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1000, "us": 1, "i": 1}
_MONTHS = {"mo": 1, "y": 12}


@dataclass(frozen=True)
class Step:
    """A whole number of a unit of time, spelled as polars spells it: `1h`, `15m`, `1mo`, `1i` (whole numbers)."""

    count: int
    unit: str

    @classmethod
    def read(cls, text: str) -> Self:
        """The step that `text` spells; raises `ValueError` where it spells none."""
        match = re.fullmatch(r"([1-9][0-9]*)([a-z]+)", text)
        if match is None or match[2] not in {**_FIXED, **_MONTHS}:
            raise ValueError(f"expected a step such as `1h` or `1mo`, received {text!r}")
        return cls(int(match[1]), match[2])

    @classmethod
    def fixed(cls, length: int, kind: str) -> Self:
        """The step of a length in microseconds, or in whole numbers."""
        if kind == "integer":
            return cls(length, "i")
        unit = next(unit for unit, size in _FIXED.items() if length % size == 0)
        return cls(length // _FIXED[unit], unit)

    @property
    def size(self) -> int:
        """How many microseconds, or whole numbers, a fixed step has."""
        return self.count * _FIXED[self.unit]

    @property
    def months(self) -> int:
        """How many months a step of the calendar has; 0 for the others."""
        return self.count * _MONTHS.get(self.unit, 0)

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"
