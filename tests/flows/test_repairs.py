"""What a load and an encoder repaired, and what a spec accepted, in MLflow and in the report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from mlflow import MlflowClient

from flows.check import check
from flows.plan import plan
from flows.run import run
from tests.tasks.conftest import home, migrated  # noqa: F401 - fixtures

SPEC = """version: 1
name: repaired
steps:
  load:
    source: {kind: csv, path: f.csv}
    roles: {time: t, sample: s, features: [x], label: y}
    duplicates: first
    unsorted: sort
    contract: {extra: accept, units: accept}
  split: {by: random, validation: 20%, test: 20%}
  encode: {longest: {steps: 5}}
  train: {model: {kind: classifier, layers: [{kind: gru, units: 2}]}, epochs: 1}
  evaluate: {metrics: [accuracy]}
"""


def steps() -> pl.DataFrame:
    draw, samples, length = np.random.default_rng(0), 20, 6
    number = np.arange(samples * length)
    labels = np.where(number // length % 2 == 0, "a", "b")
    return pl.DataFrame({"s": number // length, "t": number % length, "x": draw.normal(size=len(number)), "y": labels})


@pytest.fixture
def spec(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    monkeypatch.setenv("RNN_HOME", str(home))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    steps().write_csv(folder / "f.csv")
    (folder / "spec.yaml").write_text(SPEC)
    return folder / "spec.yaml"


def test_they_are_tags_of_the_run_and_stand_in_its_report(spec: Path, home: Path) -> None:  # noqa: F811
    plan(spec)
    changed = steps().with_columns(pl.col("x") * 1000, spare=pl.lit(1))
    pl.concat([changed, changed.head(3)]).write_csv(spec.parent / "f.csv")
    outcome = run(check(spec))
    assert outcome.status == "finished", outcome.error
    tags = MlflowClient(f"sqlite:///{home}/mlflow.db").get_run(outcome.tracked["run_id"]).data.tags
    found = {name.removeprefix("rnn.repairs."): count for name, count in tags.items() if name.startswith("rnn.repairs")}
    assert found == {
        "load.rows moved": "8",
        "load.duplicate rows": "3",
        "load.extra columns accepted": "1",
        "load.columns of another scale accepted": "1",
        "encode.sequences cut": "20",
        "encode.steps cut": "20",
    }
    assert "column `spare`: the contract knows no such column" in tags["rnn.accepted.load"]
    assert "as if they were 1000 times as large" in tags["rnn.accepted.load"]
    assert outcome.report is not None
    page = outcome.report.read_text()
    told = page[page.index("What differs from the contract") :]
    assert "column <code>spare</code>: the contract knows no such column" in told
    assert "as if they were 1000 times as large" in told
    in_short = page[page.index("The steps") : page.index("What differs")]
    assert "repairs <strong>rows moved: 8, duplicate rows: 3, extra columns accepted: 1" in in_short
    assert "sequences cut <strong>20</strong>" in in_short
    assert "<dt>steps cut</dt><dd>20</dd>" in page, "of the data as it was encoded"
