"""Predicts with a model from the registry, or from a bundle's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from flows.home import home_of, project_root
from rnnlib.data.about import About
from rnnlib.data.arrays import Arrays
from rnnlib.data.source import Source, StoredSource
from rnnlib.data.sources import AnySource
from rnnlib.data.tables.delimited_source import DelimitedSource
from rnnlib.data.tables.suffixes import SUFFIXES, table_of
from rnnlib.errors import DataError, Refused
from rnnlib.place import File, no_file
from tasks.registry.lookup import load_predictor


def predict(model: str | Path, data: str | Path, *, home: Path | None = None) -> pl.DataFrame:
    """The model's predictions for the rows in the file `data`: raw columns in, data units out.

    A model of recordings, videos or frames takes a file, or a folder of them. `model` is `models:/NAME@ALIAS`,
    `models:/NAME/VERSION` or the folder of a bundle; registered ones are looked up in `home` (left out: the `.rnn` of
    the current project, or `RNN_HOME`).

    Raises `Refused` (`DataError` for the data) for a model or a file that is not there, and for rows that the model
    cannot read.
    """
    data = Path(data)
    if not data.exists():
        raise DataError(no_file(data), file=str(data))
    predictor = load_predictor(home or home_of(project_root()), str(model))
    if (source := predictor.bundle.about.source) is not None:
        return predictor.predict_arrays(_clips(source["fields"], data), file=str(data))
    return predictor.predict(_read(data, predictor.bundle.about), file=str(data))


def _clips(fields: Mapping[str, Any], path: Path) -> Arrays:
    """A recording, a video, or all that are in a folder, read as those that the model was trained on."""
    section = TypeAdapter[Source](AnySource).validate_python({**fields, "path": str(path)})
    assert isinstance(section, StoredSource), "clips lie in files"
    within = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    if not within:
        raise DataError("the folder holds no files: name another", file=str(path))
    content = section.read_files([File(str(file), file) for file in within])
    assert isinstance(content, Arrays), "clips are arrays"
    return content


def writable(path: str | Path) -> None:
    """Raises `Refused` where predictions cannot be written to `path`: said before anything is computed."""
    path = Path(path)
    if path.suffix not in (".parquet", ".csv"):
        raise Refused(f"predictions are written as .csv or .parquet, received `{path}`: name such a file")
    if not path.parent.is_dir():
        raise Refused(f"there is no folder `{path.parent}` to write `{path.name}` to: make it, or name another")


def write(frame: pl.DataFrame, path: str | Path) -> None:
    """Writes predictions as the file's ending says; raises `Refused` as `writable` does."""
    writable(path)
    path = Path(path)
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        path.write_text(as_csv(frame), encoding="utf-8")


def as_csv(frame: pl.DataFrame) -> str:
    """Predictions as CSV; times in ISO 8601, with the offset of those in a zone, as the model reads them again."""
    times = [column for column in frame.get_columns() if isinstance(column.dtype, pl.Datetime)]
    forms = []
    for column in times:
        parts = (column.cast(pl.Datetime("us")).to_physical() % 1_000_000 != 0).any()
        zoned = getattr(column.dtype, "time_zone", None) is not None
        forms.append(f"%Y-%m-%dT%H:%M:%S{'%.6f' if parts else ''}{'%:z' if zoned else ''}")
    shown = (column.dt.strftime(form) for column, form in zip(times, forms, strict=True))
    return frame.with_columns(*shown).write_csv()


def _read(path: Path, trained: About) -> pl.DataFrame:
    """The rows of a table; what was text in training stays text, even where all of these rows spell numbers."""
    if path.is_dir():
        raise DataError(no_file(path), file=str(path))
    if (source := table_of(path, str(path))) is None:
        rule = f"data to predict on is a {SUFFIXES} file"
        raise DataError(f"{rule}, received one that ends in `{path.suffix}`: convert it, or rename it", file=str(path))
    if isinstance(source, DelimitedSource):
        texts = [name for name, kind in trained.types.items() if kind == "text"]
        return source.read_given(File(str(path), path), texts)
    return source.read_files([File(str(path), path)])
