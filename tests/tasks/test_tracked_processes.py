"""Runs in processes of their own: started at once, and ended in every way there is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from rnnlib.errors import Refused
from tasks.tracking import client, close_dead, experiment_id, opening, tracked
from tasks.tracking.marks import Mark, claim, marks
from tasks.tracking.opening import opened
from tasks.tracking.outbox import Outbox
from tests.tasks.mlflow_server import Server

SCRIPT = Path(__file__).with_name("one_run.py")


def start(home: Path, key: str, epochs: int, mode: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), str(home), key, str(epochs), mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(process: subprocess.Popen[str], line: str) -> str:
    """The run's id, once the process has said `line`."""
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    while (said := process.stdout.readline().strip()) != line:
        assert said, process.communicate()[1]
    return run_id


def status(home: Path, run_id: str) -> str:
    return str(client(home).get_run(run_id).info.status)


def steps(home: Path, run_id: str) -> list[int]:
    return sorted(metric.step for metric in client(home).get_metric_history(run_id, "loss"))


def test_four_processes_at_once_on_a_fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    home = tmp_path / "home"
    running = [start(home, f"key-{number}", 20, "end") for number in range(4)]
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    runs = {out.splitlines()[0] for out, _ in said}
    assert len(runs) == 4
    for run_id in runs:
        assert status(home, run_id) == "FINISHED"
        assert steps(home, run_id) == list(range(20))
    assert list(marks(home)) == []


@pytest.mark.parametrize(
    ("mode", "number", "expected", "code"),
    [
        ("wait", signal.SIGTERM, "KILLED", 143),
        ("wait", signal.SIGHUP, "KILLED", 129),
        ("wait", signal.SIGINT, "KILLED", -signal.SIGINT),
        ("raise", None, "FAILED", 1),
    ],
)
def test_every_end_but_a_kill_is_said_at_once(
    home: Path, mode: str, number: signal.Signals | None, expected: str, code: int
) -> None:
    process = start(home, "key", 3, mode)
    run_id = until(process, "2")
    if number is not None:
        time.sleep(0.2)
        process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == code
    assert status(home, run_id) == expected
    assert steps(home, run_id) == [0, 1, 2]


def test_a_run_left_by_a_kill_gets_its_true_end_and_all_that_it_said(home: Path) -> None:
    process = start(home, "key", 5, "kill")
    run_id = until(process, "4")
    process.communicate(timeout=60)
    assert status(home, run_id) == "RUNNING"
    left_at = time.time()
    time.sleep(0.5)
    assert close_dead(home) == 1
    found = client(home).get_run(run_id).info
    assert found.status == "KILLED"
    assert found.end_time / 1000 <= left_at  # it ended when it was last heard of, not when we found out
    assert steps(home, run_id) == [0, 1, 2, 3, 4]
    assert close_dead(home) == 0


def test_a_killed_run_goes_on_and_has_neither_gaps_nor_doubles(home: Path) -> None:
    process = start(home, "key", 5, "kill")
    run_id = until(process, "4")
    process.communicate(timeout=60)
    again = start(home, "key", 9, "end")
    assert until(again, "8") == run_id
    again.communicate(timeout=60)
    assert steps(home, run_id) == list(range(9))
    assert status(home, run_id) == "FINISHED"


@pytest.fixture
def left(home: Path) -> Mark:
    """The mark of a run whose process is gone, and which said one metric."""
    mlflow = client(home)
    mark = opened(mlflow, claim(home, "key", "embedded"), experiment_id(mlflow, home, "load"), "run", {})
    outbox = Outbox(mark.folder)
    outbox.add({"status": {"is": "RUNNING"}})
    outbox.add_metrics(0, {"loss": 1.0})
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return replace(mark, pid=gone.pid).write()


def test_a_line_that_a_kill_cut_off_was_never_said(home: Path, left: Mark) -> None:
    with (left.folder / "outbox.jsonl").open("a") as stream:
        stream.write('{"metrics": [["loss", 0.1')
    assert close_dead(home) == 1
    assert steps(home, str(left.run_id)) == [0]
    assert status(home, str(left.run_id)) == "KILLED"


def test_a_pid_that_was_given_to_another_process_is_dead(home: Path, left: Mark) -> None:
    replace(left, pid=os.getpid(), started=left.started - 100).write()
    assert close_dead(home) == 1
    assert status(home, str(left.run_id)) == "KILLED"


def test_a_living_run_and_one_on_another_machine_are_left_alone(home: Path, left: Mark) -> None:
    replace(left, pid=os.getpid()).write()
    assert close_dead(home) == 0
    replace(left, host="another").write()
    assert close_dead(home) == 0
    assert status(home, str(left.run_id)) == "RUNNING"


def test_a_process_that_nobody_waited_for_is_dead(home: Path, left: Mark) -> None:
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    replace(left, pid=zombie.pid, started=psutil.Process(zombie.pid).create_time()).write()
    assert close_dead(home) == 1
    zombie.wait()


def test_a_kill_before_the_run_id_was_written_down(home: Path, left: Mark) -> None:
    replace(left, run_id=None).write()
    assert close_dead(home) == 1
    assert status(home, str(left.run_id)) == "KILLED"


def test_a_kill_before_mlflow_heard_of_the_run_leaves_nothing(home: Path, left: Mark) -> None:
    replace(left, run_id=None, folder=left.folder.with_name("other")).write()
    left.remove()
    assert close_dead(home) == 0
    assert list(marks(home)) == []


def test_a_kill_between_sending_and_its_note_sends_again_and_stores_once(home: Path, left: Mark) -> None:
    assert close_dead(home) == 1
    left.forget_deliveries()
    replace(left, ended=None, delivered=False).write()
    assert close_dead(home) == 1
    assert steps(home, str(left.run_id)) == [0]


@pytest.mark.server
def test_over_http_and_through_an_outage_nothing_is_lost(server: Server, tmp_path: Path) -> None:
    home = tmp_path / "client"
    with pytest.raises(KeyboardInterrupt), tracked(home, "load", "key", "run", {"owner": "grid"}) as run:  # noqa: PT012
        run.metrics(0, {"loss": 1.0})
        run.text("note.txt", "before")
        assert run.flush()
        server.stop()
        for epoch in range(1, 2000):
            run.metrics(epoch, {"loss": 1.0 / epoch})
        (tmp_path / "late.txt").write_text("late")
        run.artifact(tmp_path / "late.txt")
        (tmp_path / "late.txt").unlink()
        assert not run.flush()
        raise KeyboardInterrupt
    assert close_dead(home) == 0  # still away
    server.start()
    assert close_dead(home) == 1
    assert status(home, run.run_id) == "KILLED"
    history = client(home).get_metric_history(run.run_id, "loss")
    assert sorted(metric.step for metric in history) == list(range(2000))
    assert {item.path for item in client(home).list_artifacts(run.run_id)} == {"note.txt", "late.txt"}
    assert not (home / "mlflow.db").exists()


def test_a_server_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:hunter2@127.0.0.1:9")
    monkeypatch.setattr(opening, "PATIENCE", 0.1)
    message = r"http://127\.0\.0\.1:9 does not answer: start it"
    with pytest.raises(Refused, match=message) as caught, tracked(tmp_path, "load", "key", "run"):
        pass
    assert "hunter2" not in str(caught.value)
    assert not any("hunter2" in file.read_text() for file in tmp_path.rglob("*.json*"))
