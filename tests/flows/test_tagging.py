"""A tagger from its spec to its scores: what is wrong is said with its line, what is right beats the frequencies."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from flows.check import check_text
from flows.problems import SpecError
from rnnlib.bundle import open_bundle, save_bundle
from rnnlib.data.dataset import PartOf
from rnnlib.data.loading import load
from rnnlib.data.splits import split
from rnnlib.metrics.scoring import score_part
from rnnlib.place import Place
from rnnlib.predictor import Predictor
from rnnlib.training import classes_of, fit, shape_of

SPEC = """version: 1
name: steps
seed: 1
steps:
  load:
    source: {kind: csv, path: steps.csv}
    roles: {sample: id, features: [a, b], tags: state}
  split: {by: random, validation: 10, test: 20}
  augment: {ops: [{kind: jitter}]}
  train:
    model:
      kind: tagger
      layers:
        - {kind: gru, units: 12}
      head: {kind: step_classes}
    optimizer: {kind: adam, learning_rate: 0.02}
    epochs: 8
    batch: 8
  evaluate: {metrics: [accuracy, nll]}
"""


def steps(samples: int = 80) -> pl.DataFrame:
    """Whether `a` was above 0 oftener than below, so far; one tag in ten is not known."""
    draw = np.random.default_rng(0)
    lengths = draw.integers(4, 12, samples)
    a, b = draw.normal(size=(2, lengths.sum()))
    sums = np.concatenate([np.cumsum(np.sign(one)) for one in np.split(a, lengths.cumsum()[:-1])])
    known = draw.random(len(a)) > 0.1
    state = [("up" if one > 0 else "down") if there else None for one, there in zip(sums, known, strict=True)]
    return pl.DataFrame({"id": np.repeat(np.arange(samples), lengths), "a": a, "b": b, "state": state})


def test_from_a_spec_to_scores(tmp_path: Path) -> None:
    steps().write_csv(tmp_path / "steps.csv")
    found = check_text(SPEC, tmp_path / "spec.yaml", "spec.yaml")
    section = found.spec.steps
    data = split(load(section["load"], Place(tmp_path, tmp_path)), section["split"].method(), 1)
    train = section["train"]
    classes = classes_of(train.model, data)
    assert classes == ("down", "up")
    shape = shape_of(data, classes)
    made = fit(train, data, shape, classes=classes, seed=1)
    save_bundle(
        tmp_path / "bundle",
        model=train.model,
        shape=shape,
        module=made.module,
        about=data.about,
        classes=classes,
        facts={},
    )
    model = Predictor(open_bundle(tmp_path / "bundle"))
    scores = score_part(model, data, PartOf.test, ("accuracy", "nll"), season=None, units="data")
    assert scores.model["accuracy"] > 0.85 > scores.baselines["frequency"]["accuracy"]
    assert scores.model["nll"] < 0.4 < scores.baselines["frequency"]["nll"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("tags: state", "label: state", "12:13  steps.train.model.kind  a tagger learns from a `tags`"),
        ("kind: tagger", "kind: classifier", "12:13  steps.train.model.kind  a classifier learns from a `label`"),
        ("step_classes}", "point}", "unknown kind 'point'"),
        ("step_classes}", "step_binary}\n      loss: {kind: mae}", "the head `step_binary` gives binary_logits"),
        ("units: 12}", "units: 12, bidirectional: true}\n      ahead: 1", "a step must not see those after it"),
        (
            "kind: jitter",
            "kind: mixup",
            "`mixup` is for a classifier or a forecaster or a regressor, and this trains a tagger",
        ),
        ("accuracy, nll", "mae", "`mae` cannot score a tagger: take nll, accuracy, macro_f1, entity_f1"),
        ("nll]", "nll], units: normalized", "the scores of a tagger have no unit"),
    ],
)
def test_what_does_not_fit_is_said_with_its_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in SPEC
    with pytest.raises(SpecError) as refused:
        check_text(SPEC.replace(before, after), tmp_path / "spec.yaml", "spec.yaml")
    assert said in str(refused.value)
