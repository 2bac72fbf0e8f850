"""A database: the rows of one table, or of one query."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from rnnlib.data.roles import Name
from rnnlib.data.source import Content, Source
from rnnlib.data.tables.database import reading, refuse_literal_password
from rnnlib.data.tables.query_rows import kept_rows, rows_kept, table_of_rows
from rnnlib.data.tables.select import only_select
from rnnlib.errors import DataError, Refused, misplaced
from rnnlib.part import Resolvable
from rnnlib.place import File, Place

if TYPE_CHECKING:
    from sqlalchemy import Connection

Table = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$", max_length=128)]
_QUERY = ("source", "query")


class Sql(Source):
    """The rows of a table or of a query, read in one transaction that changes nothing.

    Without a `watermark` the result rests on every value that is read; the rows are kept on this machine, and those
    that a step's key rests on are what it reads. With one, a column that grows as rows are added (a number, a time), it
    rests on the number of rows and on the greatest watermark alone: rows that are there already must then stay as they
    are. `since` leaves out the rows up to a watermark.
    """

    kind: Literal["sql"] = "sql"
    url: Annotated[str, Resolvable] = Field(
        min_length=1,
        max_length=2000,
        description="`sqlite:///FILE` or `postgresql://USER:${secret:NAME}@HOST/NAME`; a password is a reference",
    )
    table: Table | None = Field(None, description="the table whose rows are read; or `query`")
    query: Annotated[str, Field(min_length=1, max_length=100_000)] | None = Field(
        None, description="one SELECT; with an ORDER BY where no column of times gives the order"
    )
    watermark: Name | None = Field(
        None, description="a column that grows as rows are added: what is new is what is beyond its greatest value"
    )
    since: int | float | Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="the watermark up to which rows are left out"
    )

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        try:
            refuse_literal_password(self.url)
        except Refused as error:
            raise misplaced(str(error), "url") from None
        if (self.table is None) == (self.query is None):
            said = "neither" if self.table is None else "both"
            raise misplaced(f"rows are those of a `table` or of a `query`: received {said}; name one")
        try:
            only_select(self.query or "SELECT")
        except Refused as error:
            raise misplaced(str(error), "query") from None
        if self.since is not None and self.watermark is None:
            raise misplaced("`since` is a value of the `watermark`: name that column, or leave `since` out", "since")
        return self

    def rests_on(self, place: Place) -> dict[str, str]:
        """The number of rows and the greatest watermark; without a watermark, the digest of all rows."""
        with reading(self.url, place) as connection:
            return self._state(connection, place, None)

    def content(self, place: Place, wanted: Collection[str]) -> Content:  # noqa: ARG002 - the query says what is read
        """All rows, and what they rest on, as of one moment."""
        return self._content(place, None)

    def content_as_of(self, place: Place, wanted: Collection[str], rests_on: Mapping[str, str]) -> Content:  # noqa: ARG002
        """The rows that there were: those that were kept, or those up to the watermark, which others may follow."""
        said = rests_on.get(self._shown, "")
        if self.watermark is not None:
            return self._content(place, json.loads(said))
        if (rows := rows_kept(said, place)) is not None:
            return self._given(rows, dict(rests_on))
        return self._content(place, None)

    def _content(self, place: Place, until: Mapping[str, Any] | None) -> Content:
        with reading(self.url, place) as connection:
            rows = self._rows(connection, until)
            state = self._state(connection, place, rows, until)
        return self._given(rows, state)

    def _given(self, rows: pl.DataFrame, state: Mapping[str, str]) -> Content:
        if rows.height == 0:
            raise DataError("there is no row: look at the query, and at `since`", file=self._shown, at=_QUERY)
        return Content(rows, [File(self._shown, Path())], state)

    def new_rows(self, place: Place, rests_on: Mapping[str, str]) -> int:
        """How many rows there are more than an earlier load rested on (`about.files`), by its watermark.

        Rows beyond the watermark are new, and so are those that came late, with an equal or a lesser one.
        Raises `Refused` where there is no watermark, or that load had none.
        """
        earlier = json.loads(rests_on.get(self._shown, "{}") or "{}") if self.watermark else {}
        if "watermark" not in earlier:
            raise Refused("what is new is told by a `watermark`, and there is none: name the column that grows")
        with reading(self.url, place) as connection:
            query, values = self._beyond(connection, None)
            later = f"count(CASE WHEN {self._column('source')} > {_marker(connection)} THEN 1 END)"
            counted = f"SELECT count(*), {later} FROM ({query}) AS source"
            ((rows, beyond),) = _fetched(connection, counted, (earlier["watermark"], *values))
            return int(beyond) + max(int(rows) - int(beyond) - int(earlier["rows"]), 0)

    @property
    def _shown(self) -> str:
        return f"table {self.table}" if self.table else "query"

    def _source(self, connection: Connection) -> str:
        """The SELECT, as the driver takes it: where values are marked `%s`, any other `%` is doubled."""
        pieces = str(self.table).split(".")
        select = only_select(self.query) if self.query else "SELECT * FROM " + ".".join(f'"{one}"' for one in pieces)
        select = f"{select}\n"  # it may end with a comment
        return select if _marker(connection) == "?" else select.replace("%", "%%")

    def _column(self, of: str) -> str:
        """The watermark of a table; SQLite would take a name that stands alone, and that no column has, for a text."""
        escaped = str(self.watermark).replace('"', '""')
        return f'{of}."{escaped}"'

    def _beyond(self, connection: Connection, until: Mapping[str, Any] | None) -> tuple[str, tuple[Any, ...]]:
        """The rows that are read, `until` those of an earlier state; and the values for what stands open in it."""
        conditions, values = [], []
        column, marker = self._column("source"), _marker(connection)
        if self.since is not None:
            conditions, values = [f"{column} > {marker}"], [self.since]
        if until is not None:
            most = until["watermark"]
            conditions.append(f"{column} IS NULL" if most is None else f"({column} IS NULL OR {column} <= {marker})")
            values += [] if most is None else [most]
        source = self._source(connection)
        if not conditions:
            return source, ()
        return f"SELECT * FROM ({source}) AS source WHERE {' AND '.join(conditions)}", tuple(values)

    def _rows(self, connection: Connection, until: Mapping[str, Any] | None) -> pl.DataFrame:
        query, values = self._beyond(connection, until)
        found = connection.exec_driver_sql(query, values)
        table = table_of_rows(list(found.keys()), [tuple(row) for row in found], self._shown)
        if isinstance(self.since, int | float) and table.schema.get(str(self.watermark)) == pl.String:
            rule = "SQLite takes every text for greater than every number, and the watermark holds texts"
            message = f"{rule}: received {self.since}; write it in quotes"
            raise DataError(message, file=self._shown, column=self.watermark, at=("source", "since"))
        return table

    def _state(
        self,
        connection: Connection,
        place: Place,
        rows: pl.DataFrame | None,
        until: Mapping[str, Any] | None = None,
    ) -> dict[str, str]:
        if self.watermark is None:
            return {self._shown: kept_rows(self._rows(connection, None) if rows is None else rows, place)}
        query, values = self._beyond(connection, until)
        counted = f"SELECT count(*), max({self._column('counted')}) FROM ({query}) AS counted"
        ((count, most),) = _fetched(connection, counted, values)
        return {self._shown: json.dumps({"rows": int(count), "watermark": most}, default=str)}


def _marker(connection: Connection) -> str:
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def _fetched(connection: Connection, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(query, values)]
