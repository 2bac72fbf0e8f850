"""Sequences as arrays: told apart already, so that no table of all their steps has to be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from jaxtyping import Float64, Int64, Shaped
from numpy import ndarray

from rnnlib.data.about import Holds
from rnnlib.data.columns import LARGEST
from rnnlib.data.origin import Origin
from rnnlib.data.roles import VALUES, Roles
from rnnlib.errors import DataError, near

OVER_STEPS = (*VALUES, "tags")
"""The roles that have a value for every step."""


@dataclass(frozen=True)
class Arrays:
    """Blocks of columns over the steps of all sequences, one sequence after another, and one value per sequence.

    A block of one column has its name; one of several has `name_0`, `name_1`, …, and its own name stands for all.
    `file` says which of the source's files each sequence is from, where files are what they come in.
    """

    steps: Mapping[str, Shaped[ndarray, "rows columns"]]
    whole: Mapping[str, pl.Series]
    lengths: Int64[ndarray, " sequences"]
    file: Int64[ndarray, " sequences"] | None = None
    holds: Mapping[str, Holds] = field(default_factory=dict)
    """What blocks hold that are no numbers."""
    rate: float | None = None
    """Samples or frames a second."""
    frame: tuple[int, int, int] | None = None
    """Height, width and channels of frames of pixels."""
    repairs: Mapping[str, int] = field(default_factory=dict)

    def columns(self, block: str) -> tuple[str, ...]:
        """The names of a block's columns."""
        width = self.steps[block].shape[1]
        return (block,) if width == 1 else tuple(f"{block}_{number}" for number in range(width))

    def named(self) -> dict[str, tuple[str, int]]:
        """Every column over steps: the block that it stands in, and its place there."""
        return {name: (block, place) for block in self.steps for place, name in enumerate(self.columns(block))}

    def expanded(self, roles: Roles, origin: Origin) -> Roles:
        """The roles with blocks written out as their columns.

        Raises `DataError` for a name that is not there, and for a value per sequence where one per step is needed.
        """
        found = {role: tuple(self._over_steps(roles, role, origin)) for role in OVER_STEPS}
        if roles.key is None:
            key = next(iter(self.whole))
            rule = "every sequence is a series by itself"
            raise origin.whole(f"{rule}: name what tells them apart, `series: {key}`", at=("roles", "series"))
        for place in roles.places():
            if place.role not in found and place.column not in self.whole:
                what = "has a value for each step" if place.column in {*self.steps, *self.named()} else "is not there"
                rule = f"`{place.role}` has one value for each sequence, and `{place.column}` {what}"
                raise origin.whole(f"{rule}: {near(place.column, list(self.whole))}", at=("roles", *place.at))
        return roles.model_copy(update=found)

    def _over_steps(self, roles: Roles, role: str, origin: Origin) -> list[str]:
        known = self.named()
        names: list[str] = []
        for at, name in enumerate(getattr(roles, role)):
            if name not in known and name not in self.steps:
                what = "has one for each sequence" if name in self.whole else "is not there"
                rule = f"`{role}` have a value for each step, and `{name}` {what}"
                raise origin.whole(f"{rule}: {near(name, [*self.steps])}", at=("roles", role, at))
            names += [name] if name in known else self.columns(name)
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise origin.whole(
                f"a column has a role once, and `{twice}` stands twice: name it once", at=("roles", role)
            )
        return names

    def values(self, names: tuple[str, ...]) -> Float64[ndarray, "rows columns"]:
        """Columns as float64. Raises `DataError` where one holds no numbers, or one that float32 does not reach."""
        known = self.named()
        rows = int(self.lengths.sum())
        out = np.empty((rows, len(names)))
        for position, name in enumerate(names):
            block, place = known[name]
            column = self.steps[block][:, place]
            if column.dtype.kind not in "biuf":
                raise DataError(f"expected numbers: received an array of type {column.dtype}", column=name)
            out[:, position] = column
            if column.dtype.kind == "f" and (np.abs(out[:, position]) > LARGEST).any():
                raise DataError(f"expected finite numbers of at most {LARGEST:.1e} (float32)", column=name)
        return out
