"""Public holidays of a country, by the library `holidays`."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from pydantic import BeforeValidator, Field

from rnnlib.errors import DataError, Refused
from rnnlib.part import Part

Days = Int64[ndarray, " rows"]
"""Days since 1970, on the calendar of the series' own zone."""


class Holidays(Part):
    """The public holidays of a country, or of one of its states.

    A column `holiday` is 1 on such a day; with `within`, `days_to_holiday` and `days_since_holiday` count the days to
    the next one and since the last one, 0 on the day itself, `within` where it is as far off or farther.
    """

    country: str = Field(pattern="^[A-Z]{2,3}$", description="the country by its ISO 3166 code: NO, DE, US")
    subdivision: str | None = Field(
        None, min_length=1, max_length=20, description="the state or province, as the library `holidays` codes it"
    )
    within: int | None = Field(None, ge=1, le=366, description="the farthest holiday, in days, that is counted up to")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it makes."""
        return ("holiday",) if self.within is None else ("holiday", "days_to_holiday", "days_since_holiday")

    def columns(self, days: Days) -> Float64[ndarray, "rows columns"]:
        """The values on each of the days. Raises `Refused` for a country that is not known, `DataError` for times
        before the year 1 and after 9999."""
        known = self._days(days)
        after, before = np.searchsorted(known, days), np.searchsorted(known, days, side="right") - 1
        to_next, since_last = known[np.minimum(after, known.size - 1)] - days, days - known[np.maximum(before, 0)]
        found = [(to_next == 0).astype(np.float64)]
        if self.within is not None:
            to_next = np.where(after < known.size, to_next, self.within)
            since_last = np.where(before >= 0, since_last, self.within)
            found += [np.minimum(distance, self.within).astype(np.float64) for distance in (to_next, since_last)]
        return np.column_stack(found)

    def _days(self, days: Days) -> Int64[ndarray, " holidays"]:
        """The days of all holidays of these years, and of those around them."""
        try:
            from holidays import country_holidays
        except ImportError as error:
            rule = "holidays are those of the library `holidays`, which is not installed"
            raise Refused(f"{rule}: pip install 'rnnlib[holidays]', or leave them out", at=("holidays",)) from error
        first, last = (int(np.datetime64(int(day), "D").astype("datetime64[Y]").astype(int)) + 1970
                       for day in (days.min(), days.max()))  # fmt: skip
        if not 1 <= first <= last <= 9998:
            raise DataError(f"holidays are those of the years 1 to 9998: received {first} to {last}", at=("holidays",))
        try:
            found = country_holidays(self.country, subdiv=self.subdivision, years=range(max(1, first - 1), last + 2))
        except NotImplementedError as error:
            raise Refused(f"{error}: name another, or leave it out", at=("holidays",)) from error
        if not found:
            rule = f"the library `holidays` knows none of {self.country} from {first} to {last}"
            raise DataError(f"{rule}: leave them out", at=("holidays",))
        return np.array(sorted(np.datetime64(day, "D").astype(np.int64) for day in found), np.int64)


def _of_country(value: Any) -> Any:
    return {"country": value} if isinstance(value, str) else value


AnyHolidays = Annotated[Holidays, BeforeValidator(_of_country, json_schema_input_type=str | Holidays)]
"""Holidays; a bare code stands for those of a country."""
