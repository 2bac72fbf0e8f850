"""`rnn data`: what a source holds, its contract, and how one accepts a change on purpose."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from flows.check import check
from flows.cli.main import app
from flows.data import profile
from flows.execute import Progress
from flows.plan import plan
from flows.problems import SpecError
from flows.run import run
from tests.flows.report.page import Page
from tests.rnnlib.data.faults.made import meters

SPEC = """version: 1
name: meters
steps:
  load:
    source: {kind: csv, path: f.csv}
    roles: {time: t, target: [kwh], past: [temp]}
  split: {by: time, validation: 20, test: 20}
  window: {context: 8, horizon: 4}
  train: {model: {kind: forecaster, layers: [{kind: gru, units: 2}]}, epochs: 1}
  evaluate: {metrics: [mae]}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNN_HOME", str(tmp_path / "home"))
    (tmp_path / "pyproject.toml").write_text("")
    meters().write_csv(tmp_path / "f.csv")
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path / "spec.yaml"


def grown(spec: Path, factor: float) -> None:
    """More rows, in another unit."""
    meters(150).with_columns(kwh=pl.col("kwh") * factor).write_csv(spec.parent / "f.csv")


def test_a_change_is_refused_until_it_is_accepted_on_purpose(spec: Path) -> None:
    plan(spec)
    grown(spec, 1000)
    with pytest.raises(SpecError, match=r"1000 times as large.*--accept") as refused:
        plan(spec)
    assert refused.value.problems[0].line == 4
    (one,) = profile(spec)
    assert any(line.startswith("+") and '"rows": 150' in line for line in one.changed)
    with pytest.raises(SpecError):
        plan(spec)
    assert profile(spec, accept=True)[0].changed
    assert plan(spec).data["load"]["rows"] == 150
    assert not profile(spec)[0].changed


def test_a_damaged_contract_is_replaced_on_purpose_only(spec: Path) -> None:
    plan(spec)
    file = profile(spec)[0].file.path
    file.write_text("{")
    with pytest.raises(SpecError, match="cannot be read"):
        profile(spec)
    profile(spec, accept=True)
    assert not profile(spec)[0].changed


def test_a_leaking_covariate_is_told_here_in_the_plan_and_in_the_run(spec: Path) -> None:
    leaking = meters().with_columns(temp=pl.Series(np.roll(meters()["kwh"].to_numpy(), -2) * 3))
    leaking.write_csv(spec.parent / "f.csv")
    (one,) = profile(spec)
    assert [(leak.column, leak.of, leak.lead) for leak in one.leaks] == [("temp", "kwh", 2)]
    assert "`temp` tells `kwh` 2 steps later" in str(plan(spec).data["window"]["suspicious"])
    said: list[str] = []
    for times in (1, 2):  # the plan has cut the windows, then the first run has
        run(check(spec), progress=Progress(say=lambda step, line: said.append(f"{step}: {line}")))
        assert len([line for line in said if line.startswith("window: `temp` tells `kwh` 2 steps later")]) == times
    assert "`temp` tells `kwh` 2 steps later" in str(plan(spec).data["window"]["suspicious"])


def test_the_command_tells_it_as_a_table_as_json_and_as_a_page(spec: Path, tmp_path: Path) -> None:
    run = CliRunner()
    said = run.invoke(app, ["data", str(spec), "-o", str(tmp_path / "page.html")], env={"NO_COLOR": "1"})
    assert said.exit_code == 0, said.output
    for part in ("kwh", "target", "120", "no contract yet"):
        assert part in said.output
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") >= 4
    assert "<h1>meters: the data</h1>" in page, "the pipeline's name, not the file's"
    told = Page(page).text
    for part in ("rows 120", "temp past", "The columns", "missing", "95 %", "The sequences, the worst first"):
        assert part in told, part
    assert "http://" not in page.replace("http://www.w3.org", "")
    facts = json.loads(run.invoke(app, ["data", str(spec), "--json"]).output)
    assert facts[0]["seen"]["rows"] == 120
    assert "accepted:" in run.invoke(app, ["data", str(spec), "--accept"]).output
