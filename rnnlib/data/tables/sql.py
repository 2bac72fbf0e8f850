"""A database: the rows of one table, or of one query."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from rnnlib.data.roles import Name
from rnnlib.data.source import Content, Source
from rnnlib.data.tables.database import reading, refuse_literal_password
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

    Without a `watermark` the result rests on every value that is read. With one, a column that grows as rows are added
    (a number, a time), it rests on the number of rows and on the greatest watermark alone: rows that are there already
    must then stay as they are. `since` leaves out the rows up to a watermark.
    """

    steady: ClassVar[bool] = False

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
            return self._state(connection, None)

    def content(self, place: Place, wanted: Collection[str]) -> Content:  # noqa: ARG002 - the query says what is read
        """All rows, and what they rest on, as of one moment."""
        with reading(self.url, place) as connection:
            rows = self._rows(connection)
            state = self._state(connection, rows)
        if rows.height == 0:
            raise DataError("there is no row: look at the query, and at `since`", file=self._shown, at=_QUERY)
        return Content(rows, [File(self._shown, Path())], state)

    def new_rows(self, place: Place, rests_on: Mapping[str, str]) -> int:
        """How many rows there are beyond the watermark that an earlier load rested on (`about.files`).

        Raises `Refused` where there is no watermark, or that load had none.
        """
        earlier = json.loads(rests_on.get(self._shown, "{}") or "{}") if self.watermark else {}
        if "watermark" not in earlier:
            raise Refused("what is new is told by a `watermark`, and there is none: name the column that grows")
        with reading(self.url, place) as connection:
            beyond = f"WHERE {self._column('source')} > {_marker(connection)}"
            later = f"SELECT count(*) FROM ({self._source(connection)}) AS source {beyond}"
            return int(_fetched(connection, later, (earlier["watermark"],))[0][0])

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

    def _beyond(self, connection: Connection) -> tuple[str, tuple[Any, ...]]:
        """The rows that are read, and the values for what stands open in it."""
        source = self._source(connection)
        if self.since is None:
            return source, ()
        later = f"{self._column('source')} > {_marker(connection)}"
        return f"SELECT * FROM ({source}) AS source WHERE {later}", (self.since,)

    def _rows(self, connection: Connection) -> pl.DataFrame:
        query, values = self._beyond(connection)
        found = connection.exec_driver_sql(query, values)
        names = list(found.keys())
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise DataError("two columns have this name: rename one", file=self._shown, column=twice, at=_QUERY)
        rows = [tuple(row) for row in found]
        return pl.DataFrame([_column(name, [row[at] for row in rows], self._shown) for at, name in enumerate(names)])

    def _state(self, connection: Connection, rows: pl.DataFrame | None) -> dict[str, str]:
        if self.watermark is None:
            rows = self._rows(connection) if rows is None else rows
            return {self._shown: _digest(rows)}
        query, values = self._beyond(connection)
        counted = f"SELECT count(*), max({self._column('counted')}) FROM ({query}) AS counted"
        ((count, most),) = _fetched(connection, counted, values)
        return {self._shown: json.dumps({"rows": int(count), "watermark": most}, default=str)}


def _marker(connection: Connection) -> str:
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def _fetched(connection: Connection, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(query, values)]


def _column(name: str, values: list[Any], shown: str) -> pl.Series:
    kinds = {type(value) for value in values} - {type(None)}
    if Decimal in kinds or kinds == {int, float}:
        values = [None if value is None else float(value) for value in values]
    try:
        column = pl.Series(name, values, strict=True)
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        rule = "a column holds values of one type"
        raise DataError(f"{rule}: {reason}; cast it in the query", file=shown, column=name, at=_QUERY) from None
    return column.cast(pl.Float64) if column.dtype == pl.Null else column


def _digest(rows: pl.DataFrame) -> str:
    """sha256 of the columns' names, types and values, in their order."""
    return hashlib.sha256(rows.write_ipc(None, compression="uncompressed").getbuffer()).hexdigest()
