"""Every shipped spec holds, says what it does, and runs: shrunk to an epoch of some of its data, without a registry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.chain import compiled
from flows.check import check
from flows.execute import Context, execute, perform
from rnnlib.data.dataset import DataSet
from rnnlib.data.source import FileSource
from tasks.evaluate import Evaluate
from tasks.load import Load
from tasks.register import Register
from tasks.store import Store

FOLDER = Path(__file__).parents[2] / "pipelines"
SPECS = sorted(FOLDER.glob("*.yaml"))
FEWER = {
    "alice-language": ("split.validation=30%", "split.test=60%"),
    "departures-forecast": ("window.stride=6",),
    "moving-digits": ("load.source.samples=100",),
    "rides-forecast": ("window.stride=8",),
}
"""What leaves every step of a spec as it is and makes its epoch a short one, where it would take seconds."""
EACH = pytest.mark.parametrize("file", SPECS, ids=[file.stem for file in SPECS])


def scores(file: Path, home: Path, *sets: str) -> dict[str, Any]:
    """The scores of a spec that is run up to `evaluate`."""
    checked = check(file, sets)
    steps = {name: section for name, section in checked.spec.steps.items() if not isinstance(section, Register)}
    chain, complaints = compiled(checked.spec.model_copy(update={"steps": steps}))
    assert not complaints
    context = Context(checked.place, Store(home), checked.spec.seed)
    done = execute(chain, lambda step, inputs: perform(step, inputs, context).stored)
    found: dict[str, Any] = json.loads((done["evaluate"].path / "scores.json").read_text())
    return found


@EACH
def test_it_completes_in_an_editor_and_every_step_is_explained(file: Path) -> None:
    text = file.read_text()
    assert text.startswith("# yaml-language-server: $schema=schema.json\n#\n# ")
    assert "\nversion: 1\n" in text
    assert check(file).spec.name == file.stem
    assert sum("#" in line for line in text.splitlines()) > 8, "a newcomer learns from the comments"


@EACH
def test_it_runs_and_every_score_stands_beside_a_baseline(file: Path, tmp_path: Path) -> None:
    found = scores(file, tmp_path, "train.epochs=1", *FEWER.get(file.stem, ()))
    for part in ("validation", "test"):
        assert found["parts"][part]["cases"] > 0
        assert found["parts"][part]["baselines"]


def test_only_specs_that_are_shipped_are_shrunk() -> None:
    assert set(FEWER) <= {file.stem for file in SPECS}


def test_every_data_file_but_the_airline_is_asked_about() -> None:
    sources = [section.source for file in SPECS for section in _sections(file, Load)]
    asked = {Path(source.path).name for source in sources if isinstance(source, FileSource)}
    data = {file.name for file in (FOLDER / "data").iterdir() if file.suffix in (".csv", ".parquet", ".conll")}
    assert data - asked == {"airline.csv"}


def test_what_registers_has_a_bar_that_needs_no_champion() -> None:
    for file in SPECS:
        for section in _sections(file, Register):
            assert section.promote is not None
            assert len(section.promote.when.beats) > len({"champion"} & set(section.promote.when.beats))
            assert section.promote.when.metric == _sections(file, Evaluate)[0].metrics[0]


def test_the_main_job_beats_seasonal_naive_over_three_seeds(tmp_path: Path) -> None:
    sets = ("train.epochs=6", "window.stride=4")
    found = [scores(FOLDER / "co2-forecast.yaml", tmp_path, f"train.seed={seed}", *sets) for seed in (1, 2, 3)]
    ours = [run["parts"]["test"]["model"]["mase"] for run in found]
    theirs = found[0]["parts"]["test"]["baselines"]["seasonal_naive"]["mase"]
    assert sum(ours) / 3 < 0.6 * theirs


def test_the_main_job_learns_from_no_week_that_was_not_measured(tmp_path: Path) -> None:
    checked = check(FOLDER / "co2-forecast.yaml")
    context = Context(checked.place, Store(tmp_path), checked.spec.seed)
    done: dict[str, Any] = {}
    for step in checked.chain.steps[:2]:
        done[step.name] = perform(step, {slot: done[name] for slot, name in step.inputs.items()}, context).stored
    data = DataSet.open(done["split"].path)
    assert data.observed is not None
    assert (~data.observed).sum() == 59


def _sections(file: Path, kind: type[Any]) -> list[Any]:
    return [section for section in check(file).spec.steps.values() if isinstance(section, kind)]
