"""Tables of predictions: names and values as they came, whatever stands for them within."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from rnnlib.bundle import open_bundle
from rnnlib.data.dataset import DataSet
from rnnlib.errors import DataError
from rnnlib.models import AnyModel
from rnnlib.predictor import Predictor
from tests.bundles import make

ROWS = make.samples(3).drop("fault", "load")


@pytest.fixture(scope="module")
def classifier() -> Predictor:
    """Trained on samples that are numbered."""
    return Predictor(open_bundle(make.HERE / "classifier" / "bundle"))


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (pl.Series(["north", "01", "1"]), ["north", "01", "1"]),
        (pl.Series([0.5, 1.0, 2.0]), [0.5, 1.0, 2.0]),
        (pl.Series([7, -3, 2**62]), [7, -3, 2**62]),
        (pl.Series([3, 2**64 - 1, 5], dtype=pl.UInt64), ["3", "18446744073709551615", "5"]),
    ],
    ids=["words", "numbers", "whole numbers", "beyond 64 bits"],
)
def test_samples_keep_the_names_that_they_have_now(classifier: Predictor, ids: pl.Series, names: list[Any]) -> None:
    """Those of the train part may have been of another type."""
    made = classifier.predict(ROWS.with_columns(ids.gather(ROWS["id"]).alias("id")))
    assert made["id"].to_list() == names


@pytest.mark.parametrize(
    ("kind", "labels", "values"),
    [
        ("true or false", ("false", "true"), {True, False}),
        ("number", ("1.5", "2.0"), {1.5, 2.0}),
        ("whole number", ("8", "9"), {8, 9}),
        ("text", ("08", "true"), {"08", "true"}),
    ],
)
def test_classes_come_back_as_what_they_were(
    tmp_path: Path, kind: str, labels: tuple[str, str], values: set[Any]
) -> None:
    def made() -> tuple[AnyModel, DataSet]:
        model, data = make.classifier()
        named = pl.when(pl.col("label") == "rising").then(pl.lit(labels[1])).otherwise(pl.lit(labels[0]))
        types = {**data.about.types, "fault": kind}
        return model, replace(data, sequences=data.sequences.with_columns(label=named)).with_about(types=types)

    make.write(tmp_path / "b", made)
    answer = Predictor(open_bundle(tmp_path / "b")).predict(make.samples(12).drop("fault", "load"))
    assert answer.columns == ["id", "fault", *(f"p_{label}" for label in labels)]
    told = [labels[int(second > first)] for first, second in answer.select(pl.nth(2, 3)).rows()]
    by_name = {str(value).lower(): value for value in values}
    assert answer["fault"].to_list() == [by_name[label] for label in told]


def renamed(made: Callable[[], tuple[AnyModel, DataSet]], name: str) -> Callable[[], tuple[AnyModel, DataSet]]:
    """The same with another name for its samples."""

    def again() -> tuple[AnyModel, DataSet]:
        model, data = made()
        return model, data.with_about(
            roles={**data.about.roles, "sample": name},
            names={**data.about.names, "sample": name},
            types={name if column == "id" else column: kind for column, kind in data.about.types.items()},
        )

    return again


@pytest.mark.parametrize(("made", "name"), [(make.classifier, "p_rising"), (make.tagger, "step")])
def test_a_name_that_a_prediction_has_itself_is_refused(
    tmp_path: Path, made: Callable[[], tuple[AnyModel, DataSet]], name: str
) -> None:
    make.write(tmp_path / "b", renamed(made, name))
    rows = ROWS.rename({"id": name})
    with pytest.raises(DataError, match=f"column `{name}`: a prediction has a column of its own by this name"):
        Predictor(open_bundle(tmp_path / "b")).predict(rows)
