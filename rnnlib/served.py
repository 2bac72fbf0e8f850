"""What MLflow loads: a bundle's folder in, something with `predict` on pandas frames out. No pickle, no MLflow here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from rnnlib.bundle import open_bundle
from rnnlib.errors import DataError
from rnnlib.predictor import Predictor


class Served:
    """A predictor that takes and gives pandas frames, as MLflow hands them."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def predict(self, model_input: object, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Raw columns in, data units out. Raises `DataError` for a column that is missing or of another type."""
        if params:
            raise DataError(f"the model takes no parameters, received {', '.join(params)}: leave them out")
        if not isinstance(model_input, pd.DataFrame):
            raise DataError(f"a table with named columns is needed, received {type(model_input).__name__}")
        source = self._predictor.bundle.about.source
        if source is not None and (source["rate"] is not None or source["frame"] is not None):
            reads = source["fields"]["kind"]
            rule = f"the model reads files ({reads}), and a table tells neither their rate nor their size"
            raise DataError(f"{rule}: ask it with `rnn predict MODEL FILE`, or `Predictor.predict_arrays`")
        return to_pandas(self._predictor.predict(from_pandas(model_input)))


def _load_pyfunc(data_path: str, model_config: dict[str, Any] | None = None) -> Served:
    """MLflow's entry point (`loader_module`); `data_path` is the bundle."""
    if model_config:
        raise DataError(f"the model takes no configuration, received {', '.join(model_config)}: leave it out")
    return Served(Predictor(open_bundle(Path(data_path))))


def from_pandas(frame: pd.DataFrame) -> pl.DataFrame:
    """A polars frame of the same columns; the index is no column. Raises `DataError` for a column of mixed types."""
    names = [str(name) for name in frame.columns]
    if twice := {name for name in names if names.count(name) > 1}:
        raise DataError("a column name stands twice: keep one", column=min(twice))
    return pl.DataFrame([_column(name, frame.iloc[:, place]) for place, name in enumerate(names)])


def to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """A pandas frame of the same columns, made without pyarrow."""
    return pd.DataFrame({column.name: _values(column) for column in frame})


def _column(name: str, values: pd.Series) -> pl.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        utc = _column(name, values.dt.tz_convert("UTC").dt.tz_localize(None))
        return utc.dt.replace_time_zone("UTC").dt.convert_time_zone(str(values.dtype.tz))
    kind = getattr(values.dtype, "kind", "O")
    if isinstance(values.dtype, pd.api.extensions.ExtensionDtype) or kind not in "biufM":
        return _listed(name, values)
    array = values.to_numpy()
    return pl.Series(name, array.astype("datetime64[us]") if kind == "M" else array)


def _listed(name: str, values: pd.Series) -> pl.Series:
    items = [None if pd.api.types.is_scalar(value) and pd.isna(value) else value for value in values.tolist()]
    if len(types := {type(item) for item in items if item is not None} - {int, float}) > 1:
        seen = " and ".join(sorted(one.__name__ for one in types))
        raise DataError(f"a column holds values of one type, received {seen}: make them one", column=name)
    try:
        read = pl.Series(name, items, strict=len(types) > 0)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise DataError(f"a column holds numbers, texts or times: {error}", column=name) from error
    if read.dtype == pl.Object or read.dtype.is_nested():
        raise DataError(f"a column holds numbers, texts or times, received {next(iter(types)).__name__}", column=name)
    return read


def _values(column: pl.Series) -> Any:
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        utc = pd.Series(column.dt.convert_time_zone("UTC").dt.replace_time_zone(None).to_numpy())
        return utc.dt.tz_localize("UTC").dt.tz_convert(column.dtype.time_zone)
    return column.to_list() if column.dtype == pl.String else column.to_numpy()
