"""Runs that never happened: step folders as the tasks write them, from models that only guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import torch

from flows.report import RunFacts, StepFacts
from rnnlib.bundle import save_bundle
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.metrics.scoring import score_part
from rnnlib.metrics.stored import write_json, write_scores
from rnnlib.models import Forecaster, Shape
from tests.rnnlib.metrics.samples import CONTEXT, HORIZON, Guesses, a_bit_high, labelled, series

Layers = tuple[dict[str, object], ...]
LAYERS: Layers = ({"kind": "gru", "units": 4},)


def forecast_run(home: Path, data: DataSet | None = None, layers: Layers = LAYERS) -> RunFacts:
    """A finished forecast of two series, trained, scored and registered."""
    data = data or series(missing=0.1, targets=2)
    model = Guesses("forecaster", a_bit_high)
    loaded, windowed = _data(home, "load", replace(data, part=None)), _data(home, "window", data)
    trained = _trained(home, data, layers)
    steps = (loaded, windowed, trained, _scored(home, data, model, ("mase", "mae"), 6), _registered(home))
    return run(steps)


def class_run(home: Path, labels: list[object] | None = None) -> RunFacts:
    """A finished classification; not registered."""
    labels = labels or ["cat", "dog", "cat", "eel", "dog", "cat", "cat", "dog", "eel", "cat"]
    data = labelled(labels, [PartOf.train] * 4 + [PartOf.validation] * 2 + [PartOf.test] * 4)
    classes = tuple(sorted({str(label) for label in labels[:4]}))
    shares = np.linspace(0.5, 1.0, len(classes))
    model = Guesses("classifier", lambda _, cases: np.tile(shares / shares.sum(), (len(cases), 1)), classes)
    return run((_data(home, "split", data), _scored(home, data, model, ("accuracy", "macro_f1"), None)))


def value_run(home: Path) -> RunFacts:
    """A finished regression of one number per sequence."""
    data = labelled(list(np.linspace(0, 1, 60)), [PartOf.train] * 40 + [PartOf.validation] * 10 + [PartOf.test] * 10)
    model = Guesses("regressor", lambda _, cases: cases / 60)
    return run((_data(home, "split", data), _scored(home, data, model, ("mae", "rmse"), None)))


def run(steps: tuple[StepFacts, ...], **changes: object) -> RunFacts:
    facts = RunFacts(
        name="sample",
        status="finished",
        started=datetime(2026, 11, 23, 6, 20, tzinfo=UTC),
        seconds=72.4,
        command="rnn run pipelines/sample.yaml",
        spec_file="pipelines/sample.yaml",
        spec_text="version: 1\nname: sample\n",
        spec_resolved="version: 1\nname: sample\nseed: 0\n",
        steps=steps,
        seed=0,
        environment={"python": "3.11.7"},
        tracked={"MLflow run": "8a7b"},
    )
    return replace(facts, **changes)


def _folder(home: Path, name: str) -> Path:
    folder = home / f"key-of-{name}"
    folder.mkdir(parents=True)
    return folder


def _step(name: str, folder: Path) -> StepFacts:
    return StepFacts(name, name, "ran", 1.25, folder.name, folder)


def _data(home: Path, name: str, data: DataSet) -> StepFacts:
    folder = _folder(home, name)
    data.save(folder)
    write_json(folder / "summary.json", {"rows": data.rows})
    return _step(name, folder)


def _scored(home: Path, data: DataSet, model: Guesses, names: tuple[str, ...], season: int | None) -> StepFacts:
    folder = _folder(home, "evaluate")
    given = {"names": names, "season": season, "units": "data"}
    found = {part: score_part(model, data, PartOf[part], **given) for part in ("validation", "test")}
    write_scores(folder, found, predictor=model, data=data, **given)
    write_json(folder / "scored.json", {"model": "key-of-train", "data": "key-of-window"})
    return _step("evaluate", folder)


def _trained(home: Path, data: DataSet, layers: Layers) -> StepFacts:
    folder = _folder(home, "train")
    model = Forecaster.model_validate({"kind": "forecaster", "layers": layers})
    inputs, targets = len(data.about.columns), len(data.having("target"))
    columns = tuple(range(targets))
    shape = Shape(inputs=inputs, horizon=HORIZON, targets=targets, context=CONTEXT, target_columns=columns)
    with torch.random.fork_rng():
        module = model.build(shape)
    save_bundle(
        folder / "bundle", model=model, shape=shape, module=module, about=data.about, classes=None, facts={"seed": 0}
    )
    epochs = [
        {
            "epoch": n,
            "train_loss": 30 / n**2,
            "validation_loss": 40 / n**2,
            "learning_rate": 1e-3,
            "gradient_norm": 2 / n,
        }
        for n in range(1, 9)
    ]
    write_json(folder / "history.json", {"epochs": epochs, "best_epoch": 8, "stopped": "epochs", "bit_exact": True})
    return _step("train", folder)


def _registered(home: Path) -> StepFacts:
    folder = _folder(home, "register")
    reason = "`champion` moved to it: mase 0.9 beats naive (1.2), on 57 test cases"
    write_json(folder / "version.json", {"name": "sample", "version": 3, "promoted": True, "reason": reason})
    return _step("register", folder)


def renamed(data: DataSet, name: str) -> DataSet:
    """The data with `name` for its first column, its unit, its series and its file."""
    column = data.about.columns[0].model_copy(update={"name": name, "unit": name})
    changed = data.with_about(columns=(column, *data.about.columns[1:]), files={name: "ab" * 32}, repairs={name: 3})
    return replace(changed, sequences=data.sequences.with_columns(pl.lit(name).alias("key") + pl.col("key")))
