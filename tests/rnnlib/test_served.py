"""Pandas in, pandas out: the same numbers as polars in, polars out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from rnnlib.bundle import open_bundle
from rnnlib.errors import BundleError, DataError
from rnnlib.predictor import Predictor
from rnnlib.served import _load_pyfunc, from_pandas, to_pandas
from tests.bundles import make


@pytest.fixture(scope="module", params=make.INPUTS)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / request.param
    make.write(folder, make.INPUTS[request.param][0])
    return folder


def test_what_is_served_is_what_the_predictor_says(bundle: Path) -> None:
    frame = make.INPUTS[bundle.name][1]()
    expected = Predictor(open_bundle(bundle)).predict(frame)
    made = _load_pyfunc(str(bundle)).predict(to_pandas(frame))
    assert isinstance(made, pd.DataFrame)
    assert from_pandas(made).equals(expected)


def test_times_written_as_text_are_read(bundle: Path) -> None:
    """As they come out of JSON."""
    if bundle.name != "forecaster":
        return
    frame = make.meters_to_predict()
    asked = to_pandas(frame).assign(ts=[str(one) for one in frame["ts"]])
    expected = Predictor(open_bundle(bundle)).predict(frame)
    assert from_pandas(_load_pyfunc(str(bundle)).predict(asked)).equals(expected)


def test_a_damaged_bundle_is_not_served(bundle: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(bundle, tmp_path / "damaged")
    (damaged / "README.md").write_text("x")
    with pytest.raises(BundleError, match="differs from its sha256"):
        _load_pyfunc(str(damaged))


def test_what_the_model_has_no_use_for_is_refused(bundle: Path) -> None:
    with pytest.raises(DataError, match="takes no configuration, received device"):
        _load_pyfunc(str(bundle), {"device": "cpu"})
    served = _load_pyfunc(str(bundle))
    frame = to_pandas(make.INPUTS[bundle.name][1]())
    with pytest.raises(DataError, match="takes no parameters, received horizon"):
        served.predict(frame, params={"horizon": 9})
    with pytest.raises(DataError, match="a table with named columns is needed, received ndarray"):
        served.predict(frame.to_numpy())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.Series([1, 2]), pl.Series([1, 2])),
        (pd.Series([1.5, None]), pl.Series([1.5, float("nan")])),
        (pd.Series([1, None], dtype="Int64"), pl.Series([1, None])),
        (pd.Series([1.5, None], dtype="Float64"), pl.Series([1.5, None])),
        (pd.Series([1, 2.5], dtype=object), pl.Series([1.0, 2.5])),
        (pd.Series(["a", None]), pl.Series(["a", None])),
        (pd.Series(["a", "b"], dtype="category"), pl.Series(["a", "b"])),
        (pd.Series([True, False]), pl.Series([True, False])),
        (pd.Series([None, None], dtype=object), pl.Series([None, None])),
        (pd.Series([datetime(2024, 1, 1), pd.NaT]), pl.Series([datetime(2024, 1, 1), None])),
        (pd.Series([datetime(2024, 1, 1)], dtype="datetime64[s]"), pl.Series([datetime(2024, 1, 1)])),
        (pd.Series([datetime(2024, 1, 1, tzinfo=UTC)]), pl.Series([datetime(2024, 1, 1, tzinfo=UTC)])),
        (pd.Series([np.float32(1.5)]), pl.Series([1.5], dtype=pl.Float32)),
    ],
)
def test_every_kind_of_column_comes_over(values: pd.Series, expected: pl.Series) -> None:
    found = from_pandas(pd.DataFrame({"x": values}))["x"]
    assert found.dtype == expected.dtype
    assert found.equals(expected.alias("x"), null_equal=True) or (found.is_nan() == expected.is_nan()).all()


@pytest.mark.parametrize("values", [[1, "a"], ["a", datetime(2024, 1, 1)], [object(), object()], [1, [2]], [[1], [2]]])
def test_a_column_of_mixed_types_is_refused(values: list[object]) -> None:
    with pytest.raises(DataError, match="column `x`: a column holds"):
        from_pandas(pd.DataFrame({"x": pd.Series(values, dtype=object)}))


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(DataError, match="column `x`: a column name stands twice"):
        from_pandas(pd.DataFrame([[1, 2]], columns=["x", "x"]))


def test_it_needs_no_mlflow() -> None:
    code = "import sys, rnnlib.served; assert 'mlflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
