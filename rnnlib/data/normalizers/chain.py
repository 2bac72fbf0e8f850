"""Several normalizers, one after the other."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.normalizers.affine import Affine
from rnnlib.data.normalizers.base import Each, Fitted, Normalizer
from rnnlib.data.normalizers.box_cox import BoxCox, BoxCoxPower
from rnnlib.data.normalizers.difference import Difference, Differences, SeasonalDifference
from rnnlib.data.normalizers.log1p import Log1p, Logarithm
from rnnlib.data.normalizers.maxabs import MaxAbs
from rnnlib.data.normalizers.minmax import MinMax
from rnnlib.data.normalizers.quantile import Quantile, Ranks
from rnnlib.data.normalizers.robust import Robust
from rnnlib.data.normalizers.standard import Standard
from rnnlib.data.normalizers.yeo_johnson import YeoJohnson, YeoJohnsonPower
from rnnlib.errors import misplaced, refusals_at
from rnnlib.part import Family

Link = Annotated[
    Standard | MinMax | Robust | MaxAbs | Log1p | Quantile | BoxCox | YeoJohnson | Difference | SeasonalDifference,
    Family("link"),
]
FittedLink = Annotated[Affine | Logarithm | Ranks | BoxCoxPower | YeoJohnsonPower | Differences, Family("fitted_link")]


class Chained(Fitted):
    """z = f_n(… f_2(f_1(x))); back through the inverses in reverse."""

    kind: Literal["chained"] = "chained"
    of: tuple[FittedLink, ...] = Field(description="what was fitted, in the order in which it is done")

    @property
    def lags(self) -> tuple[int, ...]:
        """Those of all links."""
        return tuple(lag for one in self.of for lag in one.lags)

    def apply(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Data units to model units."""
        for one in self.of:
            values = one.apply(values, group)
        return values

    def invert(
        self, values: Float64[ndarray, "*cases columns"], group: Int64[ndarray, " first"]
    ) -> Float64[ndarray, "*cases columns"]:
        """Model units to data units."""
        for one in reversed(self.of):
            values = one.invert(values, group)
        return values

    def along(
        self, values: Float64[ndarray, "rows columns"], group: Int64[ndarray, " rows"], place: Int64[ndarray, " rows"]
    ) -> Float64[ndarray, "rows columns"]:
        """Data units to model units for rows that follow each other."""
        for one in self.of:
            values = one.along(values, group, place)
        return values

    def continued(
        self,
        values: Float64[ndarray, "case time *more columns"],
        group: Int64[ndarray, " case"],
        before: Float64[ndarray, "case back columns"],
    ) -> Float64[ndarray, "case time *more columns"]:
        """Each link goes on from the rows before in its own units."""
        cases, back, columns = before.shape
        place = (np.arange(cases)[:, None] * (back + max(self.lags, default=0) + 1) + np.arange(back)).reshape(-1)
        known = [before.reshape(-1, columns)]
        for one in self.of[:-1]:
            known.append(one.along(known[-1], np.repeat(group, back), place))
        for one, rows in zip(reversed(self.of), reversed(known), strict=True):
            values = one.continued(values, group, rows.reshape(cases, back, columns))
        return values


class Chain(Normalizer):
    """Normalizers one after the other, each fitted on what those before it give.

    z = f_n(… f_2(f_1(x)))
    """

    kind: Literal["chain"] = "chain"
    of: tuple[Link, ...] = Field(
        min_length=1, max_length=8, description="the normalizers, in the order in which they are done"
    )

    @model_validator(mode="after")
    def _one_grouping(self) -> Self:
        first = self.fits_each
        for at, one in enumerate(self.of):
            if one.fits_each not in ("all", first):
                rule = f"a chain fits per series or per group, and received both, `{first}` first"
                raise misplaced(f"{rule}: write one of them", "of", at, "per")
        return self

    @property
    def fits_each(self) -> Each:
        """What the first link says that does not fit over all."""
        return next((one.fits_each for one in self.of if one.fits_each != "all"), "all")

    @property
    def looks_back(self) -> bool:
        """Whether a link does."""
        return any(one.looks_back for one in self.of)

    def fit(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> Chained:
        """As `fit_along`, for rows that follow each other within each group."""
        order = np.argsort(group, kind="stable")
        place = np.arange(len(values)) + _apart(self.of) * group[order]
        return self.fit_along(values[order], group[order], groups, columns, place)

    def fit_along(
        self,
        values: Float64[ndarray, "rows columns"],
        group: Int64[ndarray, " rows"],
        groups: tuple[str, ...],
        columns: tuple[str, ...],
        place: Int64[ndarray, " rows"],
    ) -> Chained:
        """Link by link; raises as they do, at the link."""
        found: list[Fitted] = []
        for at, one in enumerate(self.of):
            with refusals_at("of", at):
                state = one.fit_along(values, group, groups, columns, place)
                found.append(state)
                if at + 1 < len(self.of):
                    present = np.unique(group)
                    numbers = np.zeros(len(groups), np.int64)
                    numbers[present] = state.group_of([groups[number] for number in present])
                    values = state.along(values, numbers[group], place)
        named = next((one for one in found if one.groups is not None), found[0])
        return Chained(columns=columns, groups=named.groups, each=named.each, of=tuple(found))


def _apart(links: tuple[Normalizer, ...]) -> int:
    """A step between groups that no lag reaches over."""
    return 1 + sum(getattr(one, "lag", 1) for one in links)
