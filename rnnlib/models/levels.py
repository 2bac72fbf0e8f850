"""The levels of quantiles: shares of what may come that lie below."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from rnnlib.errors import misplaced

Level = Annotated[float, Field(gt=0, lt=1)]


def _rising(levels: tuple[float, ...]) -> tuple[float, ...]:
    for index, (below, above) in enumerate(pairwise(levels), start=1):
        if above <= below:
            raise misplaced(f"levels rise: received {above:g} after {below:g}; sort them, each once", index)
    return levels


Levels = Annotated[tuple[Level, ...], Field(min_length=1, max_length=99), AfterValidator(_rising)]
"""Between 0 and 1, each once, in rising order."""
