"""Predicts with a model from the registry, or from a bundle's folder."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from flows.home import home_of, project_root
from rnnlib.data.sources import Csv, Parquet
from rnnlib.errors import DataError, Refused
from rnnlib.place import File
from tasks.registry.lookup import load_predictor


def predict(model: str, data: Path, *, home: Path | None = None) -> pl.DataFrame:
    """The model's predictions for the rows in `data`: raw columns in, data units out.

    `model` is `models:/NAME@ALIAS`, `models:/NAME/VERSION` or the folder of a bundle.
    """
    if not data.is_file():
        raise DataError("there is no such file: check the path", file=str(data))
    predictor = load_predictor(home or home_of(project_root()), model)
    return predictor.predict(_read(data), file=str(data))


def writable(path: Path) -> None:
    """Raises `Refused` where predictions cannot be written to `path`: said before anything is computed."""
    if path.suffix not in (".parquet", ".csv"):
        raise Refused(f"predictions are written as .csv or .parquet, received `{path}`: name such a file")
    if not path.parent.is_dir():
        raise Refused(f"there is no folder `{path.parent}` to write `{path.name}` to: make it, or name another")


def write(frame: pl.DataFrame, path: Path) -> None:
    """Writes predictions as the file's ending says; raises `Refused` as `writable` does."""
    writable(path)
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path)


def _read(path: Path) -> pl.DataFrame:
    file = File(str(path), path)
    if path.suffix == ".csv":
        return Csv(path=str(path)).read_files([file])
    if path.suffix == ".parquet":
        return Parquet(path=str(path)).read_files([file])
    raise DataError("data to predict on is a .csv or a .parquet file: convert it", file=str(path))
