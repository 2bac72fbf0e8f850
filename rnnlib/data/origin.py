"""Where rows come from: so that an error names the file, the column and the row that a person can look up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Bool, Int
from numpy import ndarray

from rnnlib.errors import DataError, Location


@dataclass(frozen=True)
class Origin:
    """The files of a table, and for each row the file that it stands in."""

    files: tuple[str, ...]
    of_row: Int[ndarray, " rows"] | None = None
    trained: bool = False
    """Whether they are new rows for a trained model: then no word in a spec changes what becomes of them."""

    @classmethod
    def of(cls, file: str | pl.Series, *, trained: bool = False) -> Origin:
        """From one name, or from a column with the name of every row's file (rows of a file stand together)."""
        if isinstance(file, str):
            return cls((file,), trained=trained)
        names = file.unique(maintain_order=True).cast(pl.String)
        codes = file.cast(pl.String).cast(pl.Enum(names)).to_physical().to_numpy()
        codes = codes.astype(np.min_scalar_type(-len(names)))  # as narrow as it may be: one for each of many rows
        return cls(tuple(names), codes, trained)

    def error(self, message: str, column: str, row: int, at: Location = ()) -> DataError:
        """The error of one row, counted from 0 over all files; `at` is the place inside the section `load`."""
        file, number = self.place(row)
        return DataError(message, file=file, column=column, row=number, at=at)

    def place(self, row: int) -> tuple[str, int]:
        """The file of a row, and the row's number in it, counted from 1."""
        if self.of_row is None:
            return self.files[0], row + 1
        number = int(self.of_row[row])
        return self.files[number], row - int(np.argmax(self.of_row == number)) + 1

    def whole(self, message: str, column: str | None = None, at: Location = ()) -> DataError:
        """The error of a whole table."""
        return DataError(message, file=self.files[0] if len(self.files) == 1 else None, column=column, at=at)


@dataclass(frozen=True)
class SourceColumn:
    """One column on its way to an array, with all that an error about it has to name."""

    values: pl.Series
    origin: Origin
    at: Location

    @property
    def name(self) -> str:
        """The column's name in the source."""
        return self.values.name

    def error(self, message: str, row: int) -> DataError:
        """The error of one row, counted from 0."""
        return self.origin.error(message, self.name, row, self.at)

    def remedy(self, *, spec: str, rows: str) -> str:
        """What a person can do: `spec` before a model is trained, `rows` where a trained one is given new rows."""
        return rows if self.origin.trained else spec

    def place(self, row: int) -> str:
        """Where a row stands, as a message says it."""
        file, number = self.origin.place(row)
        return f"in row {number}" if len(self.origin.files) == 1 else f"in row {number} of {file}"

    def shown(self, row: int) -> str:
        """The value of a row, as a message shows it."""
        value: Any = self.values[row]
        return "nothing" if value is None else f"`{str(value)[:60]}`"

    def refuse_where(self, wrong: pl.Series | Bool[ndarray, " rows"], rule: str) -> None:
        """Raises `DataError` for the first row where `wrong` holds; `rule` ends where the value received begins."""
        rows = np.flatnonzero(np.asarray(wrong))
        if rows.size:
            more = f" (and {rows.size - 1} more rows)" if rows.size > 1 else ""
            raise self.error(f"{rule}: received {self.shown(int(rows[0]))}{more}", int(rows[0]))
