"""Calendar columns: what a calendar shows of each row's time, known into the future since times are."""

from __future__ import annotations

from typing import Annotated, NamedTuple, Self

import numpy as np
import polars as pl
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import Field, model_validator

from rnnlib.data.about import TimeAxis
from rnnlib.data.times.calendar_units import OF_THE_DAY, UNITS, CalendarUnit
from rnnlib.data.times.holidays import AnyHolidays
from rnnlib.data.times.zones import wall
from rnnlib.errors import DataError, misplaced
from rnnlib.part import Part

Units = Annotated[tuple[CalendarUnit, ...], Field(max_length=len(UNITS))]


class CalendarColumn(NamedTuple):
    """A column that a calendar makes."""

    name: str
    values: Float64[ndarray, " rows"]
    words: tuple[str, ...] | None
    """What its codes stand for; none where it holds numbers."""


class Calendar(Part):
    """Columns that are made from the times alone, in the zone of the series.

    x_sin = sin(2π n / N),  x_cos = cos(2π n / N):  unit n of a turn of N, so that the last one is beside the first

    They are future covariates of a forecast, made over the horizon too, and features of whole sequences.
    """

    cycles: Units = Field((), description="what enters as `<unit>_sin` and `<unit>_cos`")
    categories: Units = Field((), description="what enters as categories: `encode: {categorical: {}}` numbers them")
    holidays: AnyHolidays | None = Field(None, description="public holidays: a country's code, or more of it")

    @model_validator(mode="after")
    def _makes_something_once(self) -> Self:
        if not (self.cycles or self.categories or self.holidays):
            raise misplaced(f"a calendar makes columns, received none: name `cycles` of {', '.join(UNITS)}", "cycles")
        for field in ("cycles", "categories"):
            units = getattr(self, field)
            if twice := next((at for at, unit in enumerate(units) if unit in units[:at]), None):
                raise misplaced(f"a unit makes its columns once: received `{units[twice]}` again", field, twice)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it makes, in their order."""
        waves = (f"{unit}_{wave}" for unit in self.cycles for wave in ("sin", "cos"))
        return (*waves, *self.categories, *(() if self.holidays is None else self.holidays.names))

    def columns(self, times: Int64[ndarray, " rows"], axis: TimeAxis) -> tuple[CalendarColumn, ...]:
        """What it shows of the times. Raises `DataError` for whole numbers, and for the hours of dates."""
        self._refuse_what_they_lack(axis)
        walls = wall(times, axis.zone)
        local = pl.Series(walls).cast(pl.Datetime("us"))
        found: list[Float64[ndarray, " rows"]] = []
        for unit in self.cycles:
            found += list(UNITS[unit].waves(local).T)
        found += [UNITS[unit].numbers(local).astype(np.float64) for unit in self.categories]
        if self.holidays is not None:
            found += list(self.holidays.columns(np.floor_divide(walls, 86_400_000_000)).T)
        names: dict[str, tuple[str, ...]] = {unit: UNITS[unit].names for unit in self.categories}
        made = zip(self.names, found, strict=True)
        return tuple(CalendarColumn(name, values, names.get(name)) for name, values in made)

    def _refuse_what_they_lack(self, axis: TimeAxis) -> None:
        if axis.kind == "integer":
            rule = "a calendar shows dates and times, and the times are whole numbers"
            raise DataError(f"{rule}: leave it out, or name a column of dates as `time`", at=("calendar",))
        for field in ("cycles", "categories"):
            for at, unit in enumerate(getattr(self, field)):
                if axis.kind == "date" and unit in OF_THE_DAY:
                    rule = f"dates have no {unit}, which would be 0 in every row"
                    raise DataError(f"{rule}: leave it out", at=("calendar", field, at))
