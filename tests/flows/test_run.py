"""A whole run without a server: what it leaves, what is not computed again, how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import pytest
from mlflow import MlflowClient
from safetensors.numpy import load_file

from flows import execute
from flows.check import check
from flows.run import run
from rnnlib.data.dataset import DataSet, PartOf
from tasks.registry.lookup import list_models
from tests.flows.sample import series, write_project, write_series
from tests.tasks.conftest import home, migrated  # noqa: F401 - fixtures


@pytest.fixture
def project(tmp_path, home, monkeypatch):  # noqa: F811
    monkeypatch.setenv("RNN_HOME", str(home))
    return write_project(tmp_path / "project")


def executed(outcome):
    return [done.name for done in outcome.steps if done.executed]


def mlflow_client(home):  # noqa: F811
    return MlflowClient(f"sqlite:///{home}/mlflow.db")


def test_from_raw_data_to_a_registered_model(project, home):  # noqa: F811
    outcome = run(check(project / "demo.yaml"))
    assert outcome.status == "finished", outcome.error
    assert executed(outcome) == ["load", "split", "normalize", "window", "train", "evaluate", "register"]
    assert outcome.exit_code in (0, 3)

    tracked = mlflow_client(home).get_run(outcome.tracked["run_id"])
    assert tracked.info.status == "FINISHED"
    assert tracked.data.params["steps.train.epochs"] == "2"
    scores = dict(outcome.scores)["evaluate"]
    assert tracked.data.metrics["test/mase"] == pytest.approx(scores["parts"]["test"]["model"]["mase"])
    history = mlflow_client(home).get_metric_history(outcome.tracked["run_id"], "train_loss")
    assert [metric.step for metric in history] == [1, 2]
    assert tracked.inputs.dataset_inputs, "the data is an input of the run"
    artifacts = {entry.path for entry in mlflow_client(home).list_artifacts(outcome.tracked["run_id"])}
    assert {"spec", "report", "environment", "scores", "plots"} <= artifacts
    plots = mlflow_client(home).list_artifacts(outcome.tracked["run_id"], "plots")
    assert {"plots/train-1.svg", "plots/evaluate-1.svg", "plots/data-1.svg"} <= {entry.path for entry in plots}
    svg = Path(mlflow_client(home).download_artifacts(outcome.tracked["run_id"], "plots/train-1.svg")).read_text()
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in svg, "a file of its own knows no colours of the page"

    page = outcome.report.read_text()
    assert "demo" in page
    assert "seasonal naive" in page
    models = list_models(home)
    assert [model["name"] for model in models] == ["demo"]


def test_an_unchanged_spec_executes_nothing(project, home):  # noqa: F811
    first = run(check(project / "waves.yaml"))
    again = run(check(project / "waves.yaml"))
    assert executed(first) == ["load", "split", "normalize", "train", "evaluate"]
    assert again.unchanged
    assert again.tracked == first.tracked, "it points at the run that computed all this"
    assert again.report == first.report
    assert [one.stored for one in again.steps] == [one.stored for one in first.steps]
    (project / "waves.yaml").write_text("# a comment changes nothing\n" + (project / "waves.yaml").read_text())
    assert run(check(project / "waves.yaml")).unchanged


def test_only_what_hangs_on_a_change_is_executed(project):
    spec = project / "waves.yaml"
    run(check(spec))
    assert executed(run(check(spec, ["evaluate.metrics=[accuracy]"]))) == ["evaluate"]
    assert executed(run(check(spec, ["train.epochs=2"]))) == ["train", "evaluate"]
    assert executed(run(check(spec, ["seed=5"]))) == ["split", "normalize", "train", "evaluate"]

    data = project / "waves.csv"
    data.write_text(data.read_text().replace("w0,0,0.0000", "w0,0,0.0001"))
    assert executed(run(check(spec))) == ["load", "split", "normalize", "train", "evaluate"]
    stays = run(check(spec, ["load.unsorted=sort"]))
    assert executed(stays) == ["load"], "another section, the same content: the change stops there"


def test_a_file_that_changes_once_its_key_is_known_is_refused(project, monkeypatch):
    """Its old digest would stand for its new rows."""

    def written_then(*given):
        key = original(*given)
        (project / "waves.csv").write_text(rows.replace("w0,0,0.0000", f"w0,0,{next(values)}"))
        return key

    original, rows, values = execute._key, (project / "waves.csv").read_text(), count(1)
    monkeypatch.setattr(execute, "_key", written_then)
    outcome = run(check(project / "waves.yaml"))
    assert outcome.status == "failed"
    assert "must stay as it is while it is read" in outcome.error
    assert executed(outcome) == []


def test_the_seed_counts_only_where_it_draws(project):
    run(check(project / "demo.yaml"))
    assert executed(run(check(project / "demo.yaml", ["seed=9"]))) == ["train", "evaluate", "register"]


def test_changed_code_computes_anew(project, monkeypatch):
    spec = project / "waves.yaml"
    run(check(spec))
    monkeypatch.setattr("flows.execute.code_digest", lambda *_files: "another version of rnnlib")
    assert executed(run(check(spec))) == ["load", "split", "normalize", "train", "evaluate"]


def test_bad_data_ends_the_run_with_its_place_and_a_report(project, home):  # noqa: F811
    rows = series()
    rows[100] = rows[100].replace(rows[100].split(",")[2], "broken")
    write_series(project / "series.csv", rows)
    outcome = run(check(project / "demo.yaml"))
    assert (outcome.status, outcome.exit_code) == ("failed", 1)
    assert (outcome.problem.line, outcome.problem.path.split("[")[0]) == (7, "steps.load.roles.target")
    assert "column `load`, row 101" in outcome.error
    assert "broken" in outcome.report.read_text()
    assert mlflow_client(home).get_run(outcome.tracked["run_id"]).info.status == "FAILED"
    write_series(project / "series.csv")
    assert run(check(project / "demo.yaml")).status == "finished", "bad input loses nothing"


def test_a_defect_is_told_whole_and_leaves_a_report(project, monkeypatch):
    def breaks(*_given):
        raise RuntimeError("a defect of ours")

    monkeypatch.setattr("tasks.evaluate.Evaluate.perform", breaks)
    outcome = run(check(project / "waves.yaml"))
    assert outcome.status == "failed"
    assert outcome.error.startswith("Traceback")
    assert "a defect of ours" in outcome.error
    assert outcome.report.is_file()


def test_the_gate_refuses_a_model_that_is_no_better(project):
    spec = project / "demo.yaml"
    lenient = spec.read_text().replace("beats: [champion, seasonal_naive], by: 1%", "beats: [champion, drift], by: 1%")
    spec.write_text(lenient)
    first = run(check(spec, ["train.epochs=8"]))
    assert first.versions[0]["promoted"], first.versions
    assert first.exit_code == 0
    worse = run(check(spec, ["train.epochs=1"]))
    assert worse.status == "finished"
    assert not worse.versions[0]["promoted"]
    assert worse.exit_code == 3
    assert "champion" in worse.versions[0]["reason"]
    again = run(check(spec, ["train.epochs=1"]))
    assert again.unchanged
    assert again.exit_code == 0, "nothing was asked of the gate this time"


def test_a_version_that_was_deleted_is_registered_again(project, home):  # noqa: F811
    spec = project / "demo.yaml"
    first = run(check(spec))
    client = mlflow_client(home)
    client.delete_model_version("demo", str(first.versions[0]["version"]))
    again = run(check(spec))
    assert executed(again) == ["register"]
    assert client.get_model_version("demo", str(again.versions[0]["version"])).status == "READY"


def test_each_of_two_models_has_a_run_of_its_own(project, home):  # noqa: F811
    spec = project / "waves.yaml"
    text = spec.read_text()
    branch = text[text.index("  train:") : text.index("  evaluate:")]
    spec.write_text(
        text.replace("  evaluate: {}\n", "")
        + branch.replace("  train:", "  larger:\n    task: train").replace("units: 8", "units: 12")
        + "  evaluate: {from: train}\n  evaluate_larger: {task: evaluate, from: larger}\n"
    )
    outcome = run(check(spec))
    assert outcome.status == "finished", outcome.error
    runs = mlflow_client(home).search_runs([mlflow_client(home).get_experiment_by_name("waves").experiment_id])
    parents = {one.data.tags.get("mlflow.parentRunId") for one in runs}
    assert len(runs) == 3
    assert parents == {None, outcome.tracked["run_id"]}
    assert {one.info.status for one in runs} == {"FINISHED"}


def test_nothing_after_the_cut_reaches_the_training(project):
    """The leakage oracle: other values after the cut, and every number of the training is the same to the bit."""
    before = run(check(project / "demo.yaml", ["train.early_stopping=null"]))
    rows = series()
    cut = 120 - 50  # validation 20, test 30
    changed = []
    for number, row in enumerate(rows):
        meter, day, load, holiday = row.split(",")
        later = number % 120 >= cut
        other = (f"{float(load) * 3 + 1:.4f}", 1 - int(holiday)) if later else (load, holiday)
        changed.append(f"{meter},{day},{other[0]},{other[1]}")
    write_series(project / "series.csv", changed)
    after = run(check(project / "demo.yaml", ["train.early_stopping=null"]))
    one, other = ({done.name: done.stored.path for done in outcome.steps} for outcome in (before, after))
    for step in ("split", "normalize", "window"):
        mine, theirs = DataSet.open(one[step]), DataSet.open(other[step])
        rows_of = mine.rows_of(PartOf.train)
        assert (rows_of == theirs.rows_of(PartOf.train)).all()
        assert mine.raw[rows_of].tobytes() == theirs.raw[rows_of].tobytes()
        assert mine.values[rows_of].tobytes() == theirs.values[rows_of].tobytes()
        assert mine.about.transforms == theirs.about.transforms
        assert mine.raw[~rows_of].tobytes() != theirs.raw[~rows_of].tobytes()
    losses = [
        [epoch["train_loss"] for epoch in json.loads((folder["train"] / "history.json").read_text())["epochs"]]
        for folder in (one, other)
    ]
    assert losses[0] == losses[1]


SLOW = ["--set", "train.epochs=14", "--set", "train.batch=3", "--set", "train.early_stopping.patience=40"]


def rnn(project, *arguments):
    command = [sys.executable, "-c", "from flows.cli import main; main()", *arguments]
    return subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def weights_of(home):  # noqa: F811
    (folder,) = (path.parent for path in home.glob("store/*/history.json"))
    return {name: array.tobytes() for name, array in load_file(folder / "bundle" / "weights.safetensors").items()}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "kill"])
def test_a_run_that_is_killed_resumes_to_the_same_weights(project, home, tmp_path, monkeypatch, number):  # noqa: F811
    process = rnn(project, "run", "--inline", "demo.yaml", *SLOW)
    deadline = time.monotonic() + 120
    while not any(home.glob("work/*/**/step-0000*")) and time.monotonic() < deadline:
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.02)
    os.kill(process.pid, number)
    said = process.communicate(timeout=60)[0]
    if number == signal.SIGTERM:
        assert process.returncode == 130
        assert "resume: rnn run demo.yaml" in said
    assert not list(home.glob("store/*/history.json")), "it was killed in the middle of training"

    process = rnn(project, "run", "--inline", "demo.yaml", *SLOW)
    said = process.communicate(timeout=240)[0]
    assert process.returncode in (0, 3), said
    killed = weights_of(home)
    runs = mlflow_client(home).search_runs([mlflow_client(home).get_experiment_by_name("demo").experiment_id])
    assert [one.info.status for one in runs] == ["FINISHED"], "it went on in the run that was killed"
    history = mlflow_client(home).get_metric_history(runs[0].info.run_id, "train_loss")
    assert [metric.step for metric in sorted(history, key=lambda metric: metric.step)] == list(range(1, 15))

    monkeypatch.setenv("RNN_HOME", str(tmp_path / "other"))
    whole = run(check(project / "demo.yaml", [one for one in SLOW if one != "--set"]))
    assert whole.status == "finished", whole.error
    assert weights_of(tmp_path / "other") == killed
