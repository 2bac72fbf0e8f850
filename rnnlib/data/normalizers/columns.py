"""A normalizer of its own for every column of a role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Literal, Self

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.normalizers.affine import Affine
from rnnlib.data.normalizers.base import Each, Fitted, Normalizer
from rnnlib.data.normalizers.box_cox import BoxCox, BoxCoxPower
from rnnlib.data.normalizers.chain import Chain, Chained
from rnnlib.data.normalizers.difference import Difference, Differences, SeasonalDifference
from rnnlib.data.normalizers.log1p import Log1p, Logarithm
from rnnlib.data.normalizers.maxabs import MaxAbs
from rnnlib.data.normalizers.minmax import MinMax
from rnnlib.data.normalizers.quantile import Quantile, Ranks
from rnnlib.data.normalizers.robust import Robust
from rnnlib.data.normalizers.standard import Standard
from rnnlib.data.normalizers.yeo_johnson import YeoJohnson, YeoJohnsonPower
from rnnlib.errors import Refused, misplaced, refusals_at
from rnnlib.part import Family

OfColumn = Annotated[
    Standard | MinMax | Robust | MaxAbs | Log1p | Quantile | BoxCox | YeoJohnson | Difference | SeasonalDifference
    | Chain,
    Family("column_normalizer"),
]  # fmt: skip
FittedOfColumn = Annotated[
    Affine | Logarithm | Ranks | BoxCoxPower | YeoJohnsonPower | Differences | Chained, Family("fitted_column")
]

Values = Float64[ndarray, "..."]


class ByColumn(Fitted):
    """Each column by what was fitted on it; the others as they are."""

    kind: Literal["by_column"] = "by_column"
    of: dict[str, FittedOfColumn] = Field(description="what was fitted, by the name of its column")

    @property
    def lags(self) -> tuple[int, ...]:
        """Of the column that reaches back furthest."""
        return max((one.lags for one in self.of.values()), key=sum)

    @property
    def shortest_lag(self) -> int | None:
        """Of the column that reaches back least."""
        return min((one.shortest_lag for one in self.of.values() if one.shortest_lag is not None), default=None)

    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units."""
        return self._each(values, lambda one, _at, column: one.apply(column, group))

    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units."""
        return self._each(values, lambda one, _at, column: one.invert(column, group))

    def along(
        self, values: Float64[ndarray, "rows columns"], group: Int64[ndarray, " rows"], place: Int64[ndarray, " rows"]
    ) -> Float64[ndarray, "rows columns"]:
        """Data units to model units for rows that follow each other."""
        return self._each(values, lambda one, _at, column: one.along(column, group, place))

    def continued(
        self,
        values: Float64[ndarray, "case time *more columns"],
        group: Int64[ndarray, " case"],
        before: Float64[ndarray, "case back columns"],
    ) -> Float64[ndarray, "case time *more columns"]:
        """Each column goes on from its own values before."""
        return self._each(values, lambda one, at, column: one.continued(column, group, before[..., at]))

    def _each(self, values: Values, done: Callable[[Fitted, slice, Values], Values]) -> Values:
        made = np.array(values)
        for place, name in enumerate(self.columns):
            if name in self.of:
                at = slice(place, place + 1)
                made[..., at] = done(self.of[name], at, values[..., at])
        return made


class Columns(Normalizer):
    """A normalizer of its own for each column that is named; the other columns of the role keep their values."""

    kind: Literal["columns"] = "columns"
    of: Mapping[str, OfColumn] = Field(min_length=1, max_length=10_000, description="the normalizers, by column")

    @model_validator(mode="after")
    def _one_grouping(self) -> Self:
        for name, one in self.of.items():
            if one.fits_each not in ("all", self.fits_each):
                rule = (
                    f"the columns of a role are fitted per series or per group, received both, `{self.fits_each}` first"
                )
                raise misplaced(f"{rule}: write one of them", "of", name)
        return self

    @property
    def fits_each(self) -> Each:
        """What the first column says that is not fitted over all."""
        return next((one.fits_each for one in self.of.values() if one.fits_each != "all"), "all")

    @property
    def looks_back(self) -> bool:
        """Whether a column's does."""
        return any(one.looks_back for one in self.of.values())

    def fit(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> ByColumn:
        """Column by column; raises as they do, at the column, and `Refused` for a column that there is not."""
        return self._fitted(
            columns, lambda one, at, name: one.fit(np.ascontiguousarray(values[:, at]), group, groups, (name,))
        )

    def fit_along(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
        place: Int64[ndarray, " rows"],
    ) -> ByColumn:
        """As `fit`, for rows that stand at `place`."""
        return self._fitted(
            columns,
            lambda one, at, name: one.fit_along(np.ascontiguousarray(values[:, at]), group, groups, (name,), place),
        )

    def _fitted(self, columns: tuple[str, ...], fit: Callable[[Normalizer, slice, str], Fitted]) -> ByColumn:
        found: dict[str, Fitted] = {}
        for name, at, one in self._places(columns):
            with refusals_at("of", name):
                found[name] = fit(one, at, name)
        named = next((one for one in found.values() if one.groups is not None), next(iter(found.values())))
        return ByColumn(columns=columns, groups=named.groups, each=named.each, of=found)

    def _places(self, columns: tuple[str, ...]) -> Iterator[tuple[str, slice, Normalizer]]:
        for name, one in self.of.items():
            if name not in columns:
                listed = ", ".join(f"`{column}`" for column in columns[:12]) + (", …" if len(columns) > 12 else "")
                rule = f"a column of numbers of this role is named, received `{name}`, the role has {listed}"
                raise Refused(f"{rule}: name one of these", at=("of", name))
            place = columns.index(name)
            yield name, slice(place, place + 1), one
