"""What the section `load` of a spec says: where the rows are, and how they become sequences."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from rnnlib.data.contract.holding import Holding
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Name, Roles
from rnnlib.data.rows import Unsorted
from rnnlib.data.sources import AnySource
from rnnlib.data.times.calendar import Calendar
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.duplicates import Duplicates
from rnnlib.data.times.made import Made
from rnnlib.data.times.time_text import DIRECTIVES, unreadable
from rnnlib.errors import misplaced
from rnnlib.part import Part
from rnnlib.quantities import Duration


def _known(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"expected a zone such as `Europe/Oslo`, received {zone!r}") from error
    return zone


def _pattern(written: str) -> str:
    if not DIRECTIVES.fullmatch(written):
        raise ValueError(f"expected a pattern such as `%d.%m.%Y %H:%M` (strptime), received {written!r}")
    if refused := unreadable(written):
        raise ValueError(f"{refused}: received {written!r}")
    return written


class Reading(Part):
    """Where the rows are, what their columns are for, and what is done about what is wrong with them."""

    source: AnySource = Field(description="where the rows are")
    roles: Roles = Field(description="what each column is for")
    every: Duration | Literal["irregular"] | None = Field(
        None,
        description="the step between two times of a sequence; without it the most frequent one. `irregular`: rows "
        "keep their own times, and no gap is one",
    )
    time_delta: Duration | None = Field(
        None, description="the unit of a column `time_delta`, the time since the row before; for irregular times"
    )
    calendar: Calendar | None = Field(None, description="columns that are made from the times, known ahead")
    missing: Missing | None = Field(
        None, description="what becomes of missing values and of gaps between times; without it they are refused"
    )
    duplicates: Duplicates = Field("refuse", description="what becomes of rows with equal times in a sequence")
    unsorted: Unsorted = Field("refuse", description="what becomes of rows that are not in the order of their times")
    zone: Annotated[str, Field(max_length=100), AfterValidator(_known)] | None = Field(
        None, description="the zone of times without one, and whose days are counted; a name such as Europe/Oslo"
    )
    time_format: Annotated[str, Field(max_length=100), AfterValidator(_pattern)] | None = Field(
        None, description="the pattern (strptime) of times that are text and not ISO 8601"
    )
    clock: Clock = Field(Clock(), description="local times that a change of the clocks repeats or skips")
    units: dict[Name, Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        {}, description="the unit of each column, as reports and scores name it", max_length=100_000
    )

    contract: Holding = Field(Holding(), description="how later data is held against the schema of the first good load")

    @model_validator(mode="after")
    def _no_option_without_effect(self) -> Self:
        given = {
            "every": self.every,
            "zone": self.zone,
            "time_format": self.time_format,
            "calendar": self.calendar,
            "time_delta": self.time_delta,
        }
        idle = [name for name, value in given.items() if value is not None]
        idle += ["duplicates"] * (self.duplicates != "refuse")
        if self.roles.time is None and idle:
            raise misplaced(f"`{idle[0]}` is about times, and the roles name no `time` column: name one", idle[0])
        if self.zone is None and self.clock != Clock():
            raise misplaced("clocks are changed in a zone: name the `zone` that the times are local to", "clock")
        if self.roles.time is None and self.roles.key is None and self.unsorted == "sort":
            raise misplaced("nothing says the order of the rows: name a `time` column to sort by", "unsorted")
        if self.source.whole and self.unsorted == "sort":
            raise misplaced(
                "the sequences of arrays stand as they are, and nothing is sorted: leave it out", "unsorted"
            )
        if self.source.whole and self.roles.categorical:
            rule = f"categories are columns of tables, and `{self.roles.categorical[0]}` is one of arrays"
            remedy = "leave it out for a number, give each category a column of 0 and 1, or write a table"
            raise misplaced(f"{rule}: {remedy}", "roles", "categorical", 0)
        if self.roles.text is not None and (self.missing is not None or self.unsorted == "sort"):
            idle_here = "missing" if self.missing is not None else "unsorted"
            raise misplaced("a text is complete, and every row is one by itself: leave it out", idle_here)
        if self.roles.tags and self.duplicates == "mean":
            raise misplaced("rows that are made one keep the tags of one: write `first` or `last`", "duplicates")
        coded = [name for name in self.roles.categorical if name not in self.roles.static]
        if coded and self.duplicates == "mean":
            rule = f"rows that are made one have no mean of categories such as `{coded[0]}`"
            raise misplaced(f"{rule}: write `first` or `last`", "duplicates")
        return self

    @model_validator(mode="after")
    def _irregular_or_not(self) -> Self:
        if self.time_delta is not None and self.every != "irregular":
            rule = "rows that stand at equal steps are all as far from the row before"
            raise misplaced(f"{rule}: leave `time_delta` out, or write `every: irregular`", "time_delta")
        if self.time_delta is not None and self.time_delta.calendar:
            rule = f"months and years differ in length: received {self.time_delta}"
            raise misplaced(f"{rule}; take days for the unit", "time_delta")
        fill = None if self.missing is None else self.missing.fill
        if self.every == "irregular" and fill in ("interpolate", "seasonal"):
            rule = f"`fill: {fill}` counts rows that stand at equal steps, and these are irregular"
            raise misplaced(f"{rule}; use `forward`, `constant` or `none`", "missing", "fill")
        return self

    @property
    def categories(self) -> tuple[str, ...]:
        """The columns that hold categories, made ones too."""
        return (*self.roles.categorical, *(() if self.calendar is None else self.calendar.categories))

    @property
    def made(self) -> Made:
        """What is made from the times."""
        return Made(calendar=self.calendar, irregular=self.every == "irregular", time_delta=self.time_delta)

    @model_validator(mode="after")
    def _units_of_columns(self) -> Self:
        columns = [column.name for column in self.roles.columns({}) if column.holds == "numbers"]
        for name in self.units:
            if name not in columns:
                rule = "a unit belongs to a target, past, future or feature column"
                raise misplaced(f"{rule}: `{name}` is none of {', '.join(columns[:20])}", "units", name)
        return self
