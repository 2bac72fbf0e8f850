"""A report is written however a run ends: also where it ends before it has begun."""

import socket

import pytest

from flows.check import check
from flows.run import run
from tests.flows.sample import write_project


@pytest.fixture
def spec(tmp_path, monkeypatch):
    monkeypatch.setenv("RNN_HOME", str(tmp_path / "home"))
    return write_project(tmp_path / "project") / "waves.yaml"


def test_a_tracking_server_that_does_not_answer(spec, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.tracking.opening.PATIENCE", 0.0)
    with socket.socket() as closed:  # bound and not listening: nobody else takes the port, and nobody answers
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{closed.getsockname()[1]}")
        outcome = run(check(spec))
    assert (outcome.status, outcome.exit_code) == ("failed", 1)
    assert "does not answer" in outcome.error
    assert outcome.report.parent == tmp_path / "home" / "reports" / "waves"
    assert len(outcome.report.stem) == 16
    assert "does not answer" in outcome.report.read_text()


def test_a_file_that_cannot_be_read_in_the_outlook(spec, monkeypatch):
    def breaks(*_given):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("tasks.load.Load.rests_on", breaks)
    outcome = run(check(spec))
    assert outcome.status == "failed"
    assert outcome.at_step == "load"
    assert outcome.tracked, "it failed where the step is performed, and MLflow knows"
    assert "Input/output error" in outcome.report.read_text()


def test_a_report_that_cannot_be_written_hides_nothing(spec, monkeypatch):
    def breaks(*_given):
        raise RuntimeError("no report today")

    def fails(*_given):
        raise RuntimeError("a defect of ours")

    monkeypatch.setattr("flows.report.write_report", breaks)
    monkeypatch.setattr("flows.run.outlook", fails)
    outcome = run(check(spec))
    assert outcome.status == "failed"
    assert outcome.report is None
    assert outcome.error.index("a defect of ours") < outcome.error.index("no report today")
