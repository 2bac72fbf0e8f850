"""The evaluate step: on a model that was built and never trained, and on chains that do not fit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import sklearn.metrics as oracle
import torch
from pydantic import ValidationError

from rnnlib.bundle import save_bundle
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError, Refused
from rnnlib.metrics.metric import ModelKind
from rnnlib.models import Classifier, Forecaster, Regressor, Shape
from rnnlib.place import Place
from tasks.base import Lineage, Task, Work
from tasks.evaluate import Evaluate
from tasks.normalize import Normalize
from tasks.store import Store, Stored
from tasks.train import Train
from tests.rnnlib.metrics.samples import CONTEXT, HORIZON, labelled, series

LAYERS = [{"kind": "gru", "units": 3}]
PARTS = [PartOf.train] * 6 + [PartOf.validation] * 3 + [PartOf.test] * 5
MOODS = ["calm", "wild"] * 7


def model(folder: Path, data: DataSet, section: Any, **sizes: int) -> Stored:
    """The folder of a train step whose model was never trained."""
    shape = Shape(inputs=len(data.about.columns), **sizes)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        module = section.build(shape)
    classes = ("calm", "wild") if section.kind == "classifier" else None
    save_bundle(
        folder / "bundle", model=section, shape=shape, module=module, about=data.about, classes=classes, facts={}
    )
    return Stored(path=folder, digest="digest of the model")


def forecaster(folder: Path, data: DataSet) -> Stored:
    targets = len(data.having("target"))
    section = Forecaster.model_validate({"kind": "forecaster", "layers": LAYERS})
    sizes = {"horizon": HORIZON, "targets": targets, "context": CONTEXT, "target_columns": tuple(range(targets))}
    return model(folder, data, section, **sizes)


def evaluated(home: Path, data: DataSet, trained: Stored, **fields: Any) -> Path:
    """The folder that the step writes."""
    folder = home / f"data-{len(list(home.iterdir()))}"
    data.save(folder)
    at = home / f"scores-{len(list(home.iterdir()))}"
    at.mkdir()
    work = Work("evaluate", 0, Place(home, home), Store(home / "home"), home / "work")
    section = Evaluate.model_validate({"task": "evaluate", **fields})
    section.perform({"model": trained, "data": Stored(path=folder, digest="digest of the data")}, at, work)
    return at


def scores(at: Path) -> dict[str, Any]:
    return json.loads((at / "scores.json").read_text())


def test_it_writes_scores_that_follow_from_the_predictions_it_writes(tmp_path) -> None:
    data = series(missing=0.1, normalized=True)
    trained = forecaster(tmp_path / "key-of-train", data)
    at = evaluated(tmp_path, data, trained, metrics=["mae", "rmse"], season=6)
    found = scores(at)
    assert list(found["parts"]) == ["validation", "test"]
    assert found["metric_units"] == {"mae": "kW", "rmse": "kW"}
    assert found["higher_is_better"] == {"mae": False, "rmse": False}
    assert (found["model_kind"], found["units"], found["season"]) == ("forecaster", "data", 6)
    lines = pl.read_parquet(at / "predictions.parquet").drop_nulls("truth")
    for part in ("validation", "test"):
        own = lines.filter(pl.col("part") == part)
        beside = found["parts"][part]["baselines"]
        for by, column in [("model", "forecast"), *((name, name) for name in beside)]:
            expected = (
                oracle.mean_absolute_error(own["truth"], own[column]),
                oracle.root_mean_squared_error(own["truth"], own[column]),
            )
            said = found["parts"][part]["model"] if by == "model" else beside[by]
            assert (said["mae"], said["rmse"]) == pytest.approx(expected)
        assert found["parts"][part]["cases"] == own["window"].n_unique()
        assert len(found["parts"][part]["steps"]["mae"]["model"]) == HORIZON
    scored = json.loads((at / "scored.json").read_text())
    assert scored == {
        "model": "key-of-train",
        "data": next(path.name for path in tmp_path.glob("data-*")),
        "model_digest": "digest of the model",
        "data_digest": "digest of the data",
        "holdout": data.about.holdout,
    }
    assert list(json.loads((at / "summary.json").read_text())) == ["validation mae", "test mae"]
    assert pl.read_parquet(at / "series.parquet")["series"].unique().sort().to_list() == ["a", "b"]


def test_a_classifier_is_scored_with_its_confusion(tmp_path) -> None:
    data = labelled(MOODS, PARTS)
    section = Classifier.model_validate({"kind": "classifier", "layers": LAYERS})
    trained = model(tmp_path / "train", data, section, classes=2)
    at = evaluated(tmp_path, data, trained)
    found, lines = scores(at), pl.read_parquet(at / "predictions.parquet")
    test = lines.filter(pl.col("part") == "test")
    assert found["metrics"] == ["accuracy", "macro_f1"]
    assert found["parts"]["test"]["model"]["accuracy"] == oracle.accuracy_score(test["label"], test["predicted"])
    confusion = oracle.confusion_matrix(test["label"], test["predicted"], labels=["calm", "wild"])
    assert found["parts"]["test"]["confusion"] == {"classes": ["calm", "wild"], "table": confusion.tolist()}
    assert list(found["parts"]["test"]["baselines"]) == ["majority"]
    np.testing.assert_allclose(test["p_calm"] + test["p_wild"], 1)
    assert not (at / "series.parquet").exists()


def test_a_regressor_is_scored_beside_the_mean(tmp_path) -> None:
    data = labelled(list(np.linspace(-1, 1, 14)), PARTS)
    trained = model(tmp_path / "train", data, Regressor.model_validate({"kind": "regressor", "layers": LAYERS}))
    found = scores(evaluated(tmp_path, data, trained))
    assert found["metrics"] == ["mae", "rmse"]
    assert list(found["parts"]["test"]["baselines"]) == ["mean"]
    assert found["metric_units"] == {"mae": "unit of what", "rmse": "unit of what"}


def test_left_out_fields_follow_the_model_and_the_data(tmp_path) -> None:
    data = series()
    trained = forecaster(tmp_path / "train", data)
    hourly = scores(evaluated(tmp_path, data, trained, metrics=["mae"]))
    assert hourly["season"] == 24
    monthly = data.with_about(time=data.about.time.model_copy(update={"every": "6mo"}))
    found = scores(evaluated(tmp_path, monthly, trained))
    assert (found["season"], found["metrics"]) == (2, ["mase", "mae", "rmse", "smape"])
    timeless = replace(data.with_about(time=None), times=None)
    found = scores(evaluated(tmp_path, timeless, trained))
    assert (found["season"], found["metrics"]) == (None, ["mae", "rmse", "smape"])
    assert "seasonal_naive" in found["parts"]["test"]["left_out"]
    part = np.where(data.part == PartOf.validation, PartOf.train, data.part).astype(np.int8)
    unvalidated = replace(data, part=part)
    unvalidated = unvalidated.with_about(holdout=unvalidated.holdout_digest())
    assert list(scores(evaluated(tmp_path, unvalidated, trained, season=6))["parts"]) == ["test"]


@pytest.mark.parametrize(
    "fields",
    [{"metrics": ["rmse"]}, {"units": "normalized"}, {"season": 7}, {"parts": ["test"]}],
    ids=lambda fields: next(iter(fields)),
)
def test_no_field_is_accepted_and_ignored(tmp_path, fields) -> None:
    data = series(normalized=True)
    trained = forecaster(tmp_path / "train", data)
    usual = {"metrics": ["mae", "mase"], "season": 6}
    assert scores(evaluated(tmp_path, data, trained, **usual)) != scores(
        evaluated(tmp_path, data, trained, **{**usual, **fields})
    )


def test_held_out_rows_that_changed_since_the_split_are_refused(tmp_path) -> None:
    data = series()
    trained = forecaster(tmp_path / "train", data)
    raw = data.raw.copy()
    raw[-1, 0] += 1e-9
    with pytest.raises(DataError, match="the rows of validation and test stay as `split` set them aside"):
        evaluated(tmp_path, replace(data, raw=raw), trained, metrics=["mae"])
    with pytest.raises(DataError, match="the data is not split"):
        evaluated(tmp_path, replace(data, part=None), trained, metrics=["mae"])


def test_what_only_the_data_shows_is_refused_at_its_place(tmp_path) -> None:
    data = series()
    trained = forecaster(tmp_path / "train", data)
    with pytest.raises(Refused, match=r"`mase` divides by .* has no two observed train rows one season") as caught:
        evaluated(tmp_path, data, trained, metrics=["mae", "mase"], season=30)
    assert caught.value.at == ("metrics", 1)
    empty = replace(data, part=np.where(data.part == PartOf.validation, PartOf.train, data.part).astype(np.int8))
    empty = empty.with_about(holdout=empty.holdout_digest())
    with pytest.raises(DataError, match="`validation` has none"):
        evaluated(tmp_path, empty, trained, metrics=["mae"], parts=["validation"])


def chain(kind: str, **more: Task) -> Lineage:
    train = Train.model_validate({"task": "train", "model": {"kind": kind, "layers": LAYERS}})
    return Lineage({**more, "train": train})


SCALED = Normalize.model_validate({"task": "normalize", "target": {"kind": "standard"}})


@pytest.mark.parametrize(
    ("kind", "fields", "at", "message"),
    [
        ("forecaster", {"metrics": ["mase", "mae", "mse", "rmse", "mape", "smape"], "season": 12}, None, ""),
        ("forecaster", {"units": "normalized"}, None, ""),
        ("classifier", {"metrics": ["accuracy", "macro_f1"]}, None, ""),
        ("regressor", {"metrics": ["mae", "mape"]}, None, ""),
        ("forecaster", {"metrics": ["mae", "accuracy"]}, ("metrics", 1), "`accuracy` cannot score a forecaster: take"),
        ("classifier", {"metrics": ["mae"]}, ("metrics", 0), "cannot score a classifier: take accuracy, macro_f1"),
        ("regressor", {"metrics": ["mase"]}, ("metrics", 0), "`mase` cannot score a regressor: take mae, mse, rmse"),
        ("classifier", {"season": 7}, ("season",), "a season is for forecasts, and `train` trains a classifier"),
        ("classifier", {"units": "normalized"}, ("units",), "the scores of a classifier have no unit: remove `units`"),
        ("regressor", {"units": "normalized"}, ("units",), "a `normalize` step that has a transform of `label`"),
    ],
)
def test_what_does_not_fit_the_chain_is_found_without_data(kind, fields, at, message) -> None:
    section = Evaluate.model_validate({"task": "evaluate", **fields})
    found = list(section.review("scores", chain(kind, normalize=SCALED)))
    assert [(one.step, one.at) for one in found] == ([("scores", at)] if at else [])
    assert all(message in one.message for one in found)


def test_normalized_scores_need_a_normalize_step() -> None:
    section = Evaluate.model_validate({"task": "evaluate", "units": "normalized"})
    (found,) = section.review("scores", chain("forecaster"))
    assert found.at == ("units",)
    assert "transform of `target`" in found.message


def test_differences_have_no_scale_of_their_own() -> None:
    """Found before anything is trained: a value alone has no difference."""
    section = Evaluate.model_validate({"task": "evaluate", "units": "normalized"})
    changes = Normalize.model_validate({"task": "normalize", "target": {"kind": "difference"}})
    (found,) = section.review("scores", chain("forecaster", normalize=changes))
    assert found.at == ("units",)
    assert "`normalize` takes differences of `target`, which rest on earlier rows: write `units: data`" in found.message


@pytest.mark.parametrize(
    ("fields", "at", "message"),
    [
        ({"metrics": ["maze"]}, ("metrics", 0), "'smape', 'wql', 'coverage', 'accuracy', 'macro_f1', 'nll'"),
        ({"metrics": []}, ("metrics",), "at least 1"),
        ({"parts": ["nowhere"]}, ("parts", 0), "'train', 'validation' or 'test'"),
        ({"units": "kW"}, ("units",), "'data' or 'normalized'"),
        ({"season": 1}, ("season",), "greater than or equal to 2"),
        ({"baselines": ["naive"]}, ("baselines",), "Extra inputs"),
    ],
)
def test_a_wrong_value_is_named_with_the_choices(fields, at, message) -> None:
    with pytest.raises(ValidationError) as caught:
        Evaluate.model_validate({"task": "evaluate", **fields})
    assert [error["msg"] for error in caught.value.errors() if error["loc"] == at and message in error["msg"]]


@pytest.mark.parametrize("fields", [{"metrics": ["mae", "rmse", "mae"]}, {"parts": ["test", "train", "test"]}])
def test_a_name_that_stands_twice_is_refused_at_its_place(fields) -> None:
    with pytest.raises(ValidationError) as caught:
        Evaluate.model_validate({"task": "evaluate", **fields})
    (error,) = caught.value.errors()
    assert error["loc"] == (next(iter(fields)),)
    assert error["ctx"]["at"] == (2,)


def test_every_kind_of_model_has_usual_metrics() -> None:
    assert {"forecaster", "classifier", "regressor", "tagger", "language_model"} == set(ModelKind.__args__)
