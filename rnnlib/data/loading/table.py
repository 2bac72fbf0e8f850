"""A table whose columns have roles, on its way into a data set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from jaxtyping import Float64, Int8, Int64
from numpy import ndarray

from rnnlib.data.about import About
from rnnlib.data.columns import constant, groups, labels, numbers, official, word
from rnnlib.data.loading.as_trained import refuse_retyped, times_as_trained
from rnnlib.data.loading.words import Coded, coded
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.roles import VALUES, Roles
from rnnlib.data.rows import Rows
from rnnlib.data.tags import Tags, read_tags
from rnnlib.data.times.clock import Clock
from rnnlib.data.times.time import read_times
from rnnlib.data.times.time_text import Read
from rnnlib.errors import Location


@dataclass(frozen=True)
class Table:
    """The columns that have a role, by name."""

    columns: dict[str, SourceColumn]
    roles: Roles

    @classmethod
    def of(cls, frame: pl.DataFrame, roles: Roles, origin: Origin) -> Table:
        """The columns of a frame that have a role; categories are text here."""
        text = pl.selectors.by_dtype(pl.Categorical, pl.Enum).cast(pl.String)
        at: dict[str, Location] = {}
        for place in roles.places():
            at.setdefault(place.column, ("roles", *place.at))  # a column may be a feature and a tag
        frame = frame[list(at)].with_columns(text)  # `select` reads `*` as a pattern
        return cls({name: SourceColumn(frame[name], origin, at[name]) for name in frame.columns}, roles)

    @property
    def key(self) -> SourceColumn | None:
        """The column that tells the sequences apart, if there is one."""
        return self._named(self.roles.key)

    @property
    def time(self) -> SourceColumn | None:
        """The column of times, if there is one."""
        return self._named(self.roles.time)

    def _named(self, column: str | None) -> SourceColumn | None:
        return None if column is None else self.columns[column]

    @property
    def value_columns(self) -> list[SourceColumn]:
        """The columns of the flat array, in its order."""
        return [self.columns[name] for role in VALUES for name in getattr(self.roles, role)]

    def values(self, expected: About | None) -> Float64[ndarray, "rows columns"]:
        """The columns of the flat array, NaN where a value is missing; categories are codes (see `words`)."""
        columns = self.value_columns
        out = np.empty((len(columns[0].values), len(columns)))
        for position, column in enumerate(columns):
            out[:, position] = self._numbers(column, expected)
        return out

    @cached_property
    def categories(self) -> dict[str, Coded]:
        """The columns of categories, as codes."""
        return {name: coded(self.columns[name]) for name in self.roles.categorical}

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """What the codes of each column of categories stand for."""
        return {name: found.words for name, found in self.categories.items()}

    def _numbers(self, column: SourceColumn, expected: About | None) -> Float64[ndarray, " rows"]:
        if column.name in self.categories:
            return self.categories[column.name].codes
        if expected is not None:
            refuse_retyped(column, expected)
        return numbers(column)

    @cached_property
    def tags(self) -> Tags | None:
        """The truths of single steps, if there are any."""
        return read_tags([self.columns[name] for name in self.roles.tags]) if self.roles.tags else None

    def times(
        self,
        expected: About | None,
        zone: str | None,
        written: str | None,
        clock: Clock,
        codes: Int64[ndarray, " rows"],
    ) -> Read | None:
        """The times of the rows, if there are any; `codes` are the numbers of their sequences."""
        if self.time is None:
            return None
        if expected is not None:
            return times_as_trained(self.time, expected, codes)
        read = read_times(self.time, zone, written, clock, codes)
        if clock != Clock() and read.type != "date-time":
            rule = f"`clock` is about local times without an offset, and these are of type {read.type}"
            raise self.time.origin.whole(f"{rule}: leave it out", self.time.name, ("clock",))
        axis = read.axis.model_copy(update={"clock": clock.model_dump(mode="json", exclude_defaults=True)})
        return read._replace(axis=axis)

    def sequences(self, rows: Rows, names: tuple[str, ...], *, labelled: bool) -> pl.DataFrame:
        """One row per sequence: its key, label and group. Raises `DataError` where one changes within a sequence."""
        table = pl.DataFrame({"key": names}, schema={"key": pl.String})
        if label := self._named(self.roles.label):
            read = labels(label, needed=labelled)
            table = table.with_columns(constant(read, rows.source, rows.offsets).alias("label"))
        if group := self._named(self.roles.group):
            table = table.with_columns(constant(groups(group), rows.source, rows.offsets).alias("group"))
        return table

    def static(self, rows: Rows, expected: About | None) -> Float64[ndarray, "sequences statics"] | None:
        """The static numbers of each sequence. Raises `DataError` where one is missing or changes within it."""
        if not self.roles.static:
            return None
        return np.column_stack([self._static(self.columns[name], rows, expected) for name in self.roles.static])

    def static_of_rows(self, expected: About | None) -> Float64[ndarray, "rows statics"] | None:
        """The static numbers where every row is a sequence of its own. Raises `DataError` where one is missing."""
        if not self.roles.static:
            return None
        columns = [self.columns[name] for name in self.roles.static]
        read = [self._numbers(column, expected) for column in columns]
        for column, values in zip(columns, read, strict=True):
            column.refuse_where(np.isnan(values), "a static value is never missing")
        return np.column_stack(read)

    def _static(self, column: SourceColumn, rows: Rows, expected: About | None) -> Float64[ndarray, " sequences"]:
        read = self._numbers(column, expected)
        column.refuse_where(np.isnan(read), "a static value is never missing")
        as_number = SourceColumn(pl.Series(column.name, read), column.origin, column.at)
        return constant(as_number, rows.source, rows.offsets).to_numpy()

    @cached_property
    def official(self) -> Int8[ndarray, " rows"] | None:
        """The official part of every row, if a column names it."""
        column = self._named(self.roles.part)
        return None if column is None else official(column)

    def types(self, read: Read | None) -> dict[str, str]:
        """The type of every column, in words."""
        found = {name: word(column.values.dtype) for name, column in self.columns.items()}
        return found if read is None else {**found, str(self.roles.time): read.type}
