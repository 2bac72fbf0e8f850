"""The fields of sources of tables, and the files that the values of these fields are tried on."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel

from rnnlib.data.sources import Arrow, Csv, Ndjson, Parquet, Sql, Tsv
from tests.options import Option, of_source

FILL = {"load.missing": {"fill": "forward"}}


def table(
    kind: str,
    at: str,
    to: Any,
    *,
    path: str | None = None,
    changes: str = "load/raw.npy",
    there: Literal["both", "before", "after"] = "both",
) -> Option:
    """An option of a source of tables, on the series."""
    source = {"kind": kind, "path": path or f"series.{kind}"}
    return Option(f"load.source.{at}", to, changes, {"load.source": source, **FILL}, there=there)


def shared(kind: str) -> dict[str, Option]:
    """The options that every source of tables has."""
    folders = table(kind, "partitions", True, path=f"in/*/part.{kind}", changes="load/static.npy", there="after")
    return {"path": table(kind, "path", f"other.{kind}"), "partitions": folders}


def sql(at: str, to: Any, *, changes: str = "load/raw.npy", **fields: Any) -> Option:
    """An option of a database."""
    source = {"kind": "sql", "url": "sqlite:///series.db", "table": "series", **fields}
    given = {name: one for name, one in source.items() if one is not None}
    return Option(f"load.source.{at}", to, changes, {"load.source": given, "load.roles": {"target": ["load"]}})


TABLE_OPTIONS: Mapping[type[BaseModel], Mapping[str, Option]] = {
    Csv: {
        **shared("csv"),
        "separator": Option("load.source.separator", ";", "load/raw.npy", of_source("semicolons.csv"), there="after"),
        "encoding": Option("load.source.encoding", "latin-1", "load/sequences.parquet", of_source("latin.csv"),
                           there="after"),
        "quote": Option("load.source.quote", "'", "load/sequences.parquet", of_source("quoted.csv")),
        "null_values": table("csv", "null_values", ["", "NA"], path="words.csv", there="after"),
    },
    Tsv: {
        **shared("tsv"),
        "encoding": table("tsv", "encoding", "latin-1", path="latin.tsv", changes="load/sequences.parquet",
                          there="after"),
        "quote": table("tsv", "quote", "'", path="quoted.tsv", changes="load/sequences.parquet"),
        "null_values": table("tsv", "null_values", ["", "NA"], path="words.tsv", there="after"),
    },
    Parquet: shared("parquet"),
    Arrow: shared("arrow"),
    Ndjson: shared("ndjson"),
    Sql: {
        "url": sql("url", "sqlite:///other.db"),
        "table": sql("table", "doubled"),
        "query": sql("query", "SELECT * FROM doubled", query="SELECT * FROM series", table=None),
        "watermark": sql("watermark", "number", changes="load/about.json"),
        "since": sql("since", 4, watermark="number"),
    },
}  # fmt: skip


STORAGE = {
    part: {"storage": "tests/rnnlib/data/tables/test_remote.py::test_objects_of_a_store"}
    for part in (Csv, Tsv, Parquet, Arrow, Ndjson)
}
"""Fields whose effect needs a server."""


def write_tables(folder: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    """The series in every format, in one file and in a folder for each meter; what is written oddly is text."""
    for name in ("series", "other", "words"):
        _in_every_format(frames[name], folder / name)
    for area, rows in frames["series"].partition_by("area", as_dict=True, include_key=False).items():
        (folder / "in" / f"area={area[0]}").mkdir(parents=True)
        _in_every_format(rows, folder / "in" / f"area={area[0]}" / "part")
    for suffix, separator in (("csv", ","), ("tsv", "\t")):
        text = (folder / f"series.{suffix}").read_text()
        (folder / f"latin.{suffix}").write_text(text.replace(f"\na{separator}", f"\nå{separator}"), encoding="latin-1")
        (folder / f"quoted.{suffix}").write_text(text.replace(f"\na{separator}", f"\n'a'{separator}"))
    (folder / "semicolons.csv").write_text((folder / "series.csv").read_text().replace(",", ";"))

    for name, factor in (("series", 1), ("other", 3)):
        with closing(sqlite3.connect(folder / f"{name}.db")) as database:
            for table, times in (("series", factor), ("doubled", 2 * factor)):
                database.execute(f"CREATE TABLE {table} (number INTEGER, load REAL)")
                rows = [(number, load * times) for number, load in enumerate(frames["series"]["load"])]
                database.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
            database.commit()


def _in_every_format(rows: pl.DataFrame, stem: Path) -> None:
    rows.write_csv(f"{stem}.csv")
    rows.write_csv(f"{stem}.tsv", separator="\t")
    rows.write_parquet(f"{stem}.parquet")
    rows.write_ipc(f"{stem}.arrow")
    rows.write_ndjson(f"{stem}.ndjson")
