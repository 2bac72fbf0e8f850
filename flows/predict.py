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
    predictor = load_predictor(home or home_of(project_root()), model)
    return predictor.predict(_read(data), file=str(data))


def write(frame: pl.DataFrame, path: Path) -> None:
    """Writes predictions as the file's ending says."""
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".csv":
        frame.write_csv(path)
    else:
        raise Refused(f"predictions are written as .csv or .parquet, received `{path}`: name such a file")


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise DataError("there is no such file: check the path", file=str(path))
    file = File(str(path), path)
    if path.suffix == ".csv":
        return Csv(path=str(path)).read_files([file])
    if path.suffix == ".parquet":
        return Parquet(path=str(path)).read_files([file])
    raise DataError("data to predict on is a .csv or a .parquet file: convert it", file=str(path))
