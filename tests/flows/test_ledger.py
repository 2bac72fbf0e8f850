from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from flows.ledger import Entry, entered, sweep
from flows.server import EmbeddedServer

HERE = Path(__file__).parent
pytestmark = pytest.mark.xdist_group("prefect")


def entries(home: Path) -> list[Path]:
    return sorted((home / "prefect" / "runs").iterdir())


def left_by_a_dead_process(home: Path, *, rest: str = "") -> Path:
    program = f"""
import os, signal
from pathlib import Path
from flows.ledger import entered
with entered(Path({str(home)!r}), "co2") as entry:
    entry.note({{"flow_run": "fe1c"}})
    {rest or "pass"}
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGKILL
    (path,) = entries(home)
    return path


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What Prefect would have been told of."""
    import flows.prefect_truth

    told: list[dict[str, object]] = []

    def close(_home: Path, dead: Sequence[Entry]) -> list[str]:
        told.extend(entry.facts() for entry in dead)
        return [f"closed {len(dead)}"]

    monkeypatch.setattr(flows.prefect_truth, "close_flow_runs", close)
    return told


def test_an_entry_lasts_until_prefect_knows_the_end(tmp_path: Path) -> None:
    with entered(tmp_path, "co2") as entry:
        entry.note({"flow_run": "fe1c"})
        assert entry.facts()["spec"] == "co2"
        assert entry.facts()["flow_run"] == "fe1c"
        assert entries(tmp_path) == [entry.path]
        entry.ended = True
    assert entries(tmp_path) == []
    with pytest.raises(OSError, match="gone"), entered(tmp_path, "co2"):
        raise OSError("the server is gone")
    assert len(entries(tmp_path)) == 1


def test_the_dead_are_found_and_the_living_left_alone(tmp_path: Path, closed: list[dict[str, object]]) -> None:
    with entered(tmp_path, "alive"):
        assert sweep(tmp_path) == []
        other = tmp_path / "other"
        other.mkdir()
        left_by_a_dead_process(other)
        assert sweep(other) == ["closed 1"]
    assert [one["spec"] for one in closed] == ["co2"]


def test_a_line_that_a_kill_cut_short_is_left_out(tmp_path: Path, closed: list[dict[str, object]]) -> None:
    left_by_a_dead_process(tmp_path, rest="os.write(entry._descriptor, b'{\"server\": 12')")
    assert sweep(tmp_path) == ["closed 1"]
    assert closed[0]["flow_run"] == "fe1c"
    assert "server" not in closed[0]


def test_of_two_sweeps_at_once_one_has_the_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: list[dict[str, object]]
) -> None:
    import flows.prefect_truth

    left_by_a_dead_process(tmp_path)
    first = flows.prefect_truth.close_flow_runs
    inner: list[list[str]] = []

    def close(home: Path, dead: Sequence[Entry]) -> list[str]:
        inner.append(sweep(home))
        return first(home, dead)

    monkeypatch.setattr(flows.prefect_truth, "close_flow_runs", close)
    assert sweep(tmp_path) == ["closed 1"]
    assert inner == [[]]


def test_it_costs_next_to_nothing_where_nobody_is_dead(tmp_path: Path) -> None:
    program = f"""
import sys, time
from pathlib import Path
from flows.ledger import entered, sweep
home = Path({str(tmp_path)!r})
with entered(home, "alive"):
    took = []
    for _ in range(5):
        started = time.perf_counter()
        assert sweep(home) == []
        took.append(time.perf_counter() - started)
heavy = [name for name in ("prefect", "mlflow", "psutil", "pydantic") if name in sys.modules]
print(min(took) < 0.005, heavy)
"""
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "True []"


@pytest.mark.server
def test_a_run_that_was_killed_ends_as_crashed_and_its_server_goes(
    server: EmbeddedServer, server_home: Path, tmp_path: Path
) -> None:
    import sqlite3

    home = tmp_path / "home"
    (home / "prefect").mkdir(parents=True)
    with sqlite3.connect(server_home / "prefect" / "prefect.db") as source:  # a fresh one takes seconds to make
        with sqlite3.connect(home / "prefect" / "prefect.db") as copy:
            source.backup(copy)
        copy.close()
    source.close()
    with subprocess.Popen([sys.executable, HERE / "hanging.py", home]) as killed:
        limit = time.monotonic() + 60
        while not (home / "hangs").exists():
            assert killed.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.05)
        (own,) = psutil.Process(killed.pid).children()
        killed.kill()
    _gone, alive = psutil.wait_procs([own], timeout=5)
    assert not alive
    assert len(entries(home)) == 1

    (said,) = sweep(home)
    assert "Crashed" in said
    assert str(killed.pid) in said
    assert entries(home) == []
    assert sweep(home) == []
    with sqlite3.connect(home / "prefect" / "prefect.db") as database:
        runs = database.execute("SELECT state_type FROM flow_run WHERE name = 'killed'").fetchall()
        steps = database.execute(
            "SELECT t.name, t.state_type FROM task_run t JOIN flow_run f ON f.id = t.flow_run_id"
            " WHERE f.name = 'killed'"
        ).fetchall()
    database.close()
    assert runs == [("CRASHED",)]
    assert dict(steps) == {"first": "COMPLETED", "second": "COMPLETED", "third": "CRASHED"}


@pytest.mark.server
def test_an_orphan_is_ended_only_if_it_is_the_same_process(tmp_path: Path) -> None:
    from flows.prefect_truth import end_orphan

    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        born = psutil.Process(process.pid).create_time()
        end_orphan({"server": process.pid, "server_started": born - 100})
        assert process.poll() is None
        end_orphan({"server": process.pid, "server_started": born})
        assert process.wait(5) == -signal.SIGKILL
    end_orphan({"server": process.pid, "server_started": born})
    end_orphan({})


def test_a_sweep_reads_no_prefect_settings_of_the_persons_own(tmp_path: Path) -> None:
    path = left_by_a_dead_process(tmp_path, rest='entry.note({"url": "http://127.0.0.1:9/api"})')
    program = f"import sys; from pathlib import Path; from flows.ledger import sweep; sweep(Path({str(tmp_path)!r}));"
    subprocess.run([sys.executable, "-c", f"{program} assert 'prefect' not in sys.modules"], check=True)
    assert path.exists()


def test_where_prefect_cannot_be_told_it_is_said_and_tried_again(tmp_path: Path) -> None:
    path = left_by_a_dead_process(tmp_path, rest='entry.note({"url": "http://127.0.0.1:9/api"})')
    (said,) = sweep(tmp_path)
    assert "tried again" in said
    assert "127.0.0.1:9" in said
    assert path.exists()
