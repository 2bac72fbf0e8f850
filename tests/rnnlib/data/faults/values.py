"""Faults of values and of times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from tests.rnnlib.data.faults.made import KINDS, ROWS, Fault, five, meters, stored, with_value

LATER = (3, 57, 101, 117, 118)
"""Rows that have one before them."""


def at_rows(of: Any, message: str, column: str, rows: tuple[int, ...] = LATER, shift: int = 1) -> list[Fault]:
    """The fault in five kinds of files, at rows of its own."""
    return [
        Fault({f"f.{kind}": stored(of(row), kind)}, message, column, row + shift)
        for kind, row in zip(KINDS, rows, strict=True)
    ]


def repaired(frame: pl.DataFrame, repairs: Mapping[str, int], **more: Any) -> list[Fault]:
    """What the spec asked to be repaired."""
    return [Fault({f"f.{kind}": stored(frame, kind)}, more=more, repairs=repairs) for kind in KINDS]


def local(*texts: str) -> bytes:
    """A table with these times."""
    return ("t,kwh,temp\n" + "".join(f"{text},1,2\n" for text in texts)).encode()


def doubled(row: int) -> pl.DataFrame:
    """A row whose time is that of the row before."""
    return with_value(meters(), row, "t", meters()["t"][row - 1])


def swapped(row: int) -> pl.DataFrame:
    """A row that has come one place too early."""
    order = list(range(120))
    order[row - 1], order[row] = order[row], order[row - 1]
    return meters()[order]


def late(row: int) -> pl.DataFrame:
    """A row that comes seven minutes late."""
    return with_value(meters(), row, "t", datetime(2024, 1, 1) + timedelta(hours=row, minutes=7))


def without(row: int) -> pl.DataFrame:
    """A row left out."""
    return pl.concat([meters()[:row], meters()[row + 1 :]])


OSLO = {"zone": "Europe/Oslo"}
NAIVE, AWARE = "2024-01-01 00:00", "2024-01-01 01:00+01:00"
FORWARD = {"fill": "forward"}

VALUES: Mapping[str, list[Fault]] = {
    "mixed types after row 100": [
        Fault({f"f.{kind}": stored(with_value(meters(150), row, column, text), kind)}, message, column, row + 1)
        for kind, row, column, text, message in (
            ("csv", 101, "kwh", "x", "expected a number .*received `x`"),
            ("tsv", 120, "temp", "n/a", "received `n/a`"),
            ("csv", 149, "kwh", "1,5", "decimal comma"),
            ("parquet", 130, "kwh", "--", "received `--`"),
            ("arrow", 111, "temp", "2024-01-01", "received `2024-01-01`"),
        )
    ],
    "NaN": five(lambda row: with_value(meters(), row, "kwh", None), "a value is missing", "kwh"),
    "infinite": [
        Fault({f"f.{kind}": stored(with_value(meters(), row, "kwh", value), kind)}, "a finite number", "kwh", row + 1)
        for kind, row, value in zip(
            ("csv", "tsv", "parquet", "arrow", "csv"), ROWS, (float("inf"), float("-inf")) * 2 + (1e400,), strict=True
        )
    ],
    "1e308": five(lambda row: with_value(meters(), row, "temp", 1e308), r"at most 3.4e\+38", "temp"),
    "all missing": [
        *(
            Fault({f"f.{kind}": stored(meters().with_columns(pl.lit(None, pl.Float64).alias(name)), kind)},
                  "a value is missing", name, 1)
            for kind, name in zip(KINDS, ("kwh", "temp", "kwh", "temp", "kwh"), strict=True)
        ),
    ],
    "duplicate times": [
        *at_rows(doubled, "comes again, first", "t")[:3],
        *repaired(doubled(57), {"duplicate rows": 1, "rows inserted": 1}, duplicates="last", missing=FORWARD)[3:],
    ],
    "unsorted times": [
        *at_rows(swapped, "times go forward", "t")[:3],
        *repaired(swapped(57), {"rows moved": 2}, unsorted="sort")[3:],
    ],
    "gaps": [
        *at_rows(without, "1 is missing|are missing", "t")[:3],
        *repaired(without(57), {"rows inserted": 1}, missing=FORWARD)[3:],
    ],
    "DST fold": [
        Fault({f"f.{kind}": local(*(f"{day} {hour}" for hour in hours))}, "comes twice when the clocks go back", "t",
              row, more={"zone": zone})
        for kind, day, hours, row, zone in (
            ("csv", "2021-10-31", ("02:30",), 1, "Europe/Oslo"),
            ("csv", "2021-10-31", ("01:00", "02:00"), 2, "Europe/Oslo"),
            ("csv", "2021-11-07", ("00:00", "00:30", "01:00"), 3, "America/New_York"),
            ("csv", "2021-10-31", ("00:00", "01:00"), 2, "Europe/London"),
            ("csv", "2021-04-04", ("00:30", "01:30", "02:30"), 3, "Australia/Sydney"),
        )
    ],
    "DST gap": [
        Fault({f"f.{kind}": local(*(f"{day} {hour}" for hour in hours))}, "is skipped when the clocks go forward", "t",
              row, more={"zone": zone})
        for kind, day, hours, row, zone in (
            ("csv", "2021-03-28", ("02:30",), 1, "Europe/Oslo"),
            ("csv", "2021-03-28", ("01:00", "02:00"), 2, "Europe/Oslo"),
            ("csv", "2021-03-14", ("00:00", "01:00", "02:00"), 3, "America/New_York"),
            ("csv", "2021-03-28", ("00:00", "01:00"), 2, "Europe/London"),
            ("csv", "2021-10-03", ("01:30", "02:30"), 2, "Australia/Sydney"),
        )
    ],
    "naive beside aware": [
        Fault({"f.csv": local(NAIVE, AWARE)}, "first is without one", "t", 2),
        Fault({"f.csv": local(AWARE, NAIVE)}, "first is with one", "t", 2),
        Fault({"f.csv": local("2024-01-01 00:00Z", "2024-01-01 01:00")}, "first is with one", "t", 2),
        Fault({"f.csv": local(NAIVE, "2024-01-01 01:00", "2024-01-01 02:00Z")}, "first is without", "t", 3, more=OSLO),
        Fault({"f.csv": local("2024-01-01 00:00+01", "2024-01-01 02:00+02")}, "several offsets", "t", 2),
    ],
    "off the grid": at_rows(late, "between two steps", "t"),
}  # fmt: skip
