from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import psutil
import pytest
from filelock import FileLock

from flows.server import EmbeddedServer, ServerFailed
from rnnlib.errors import Refused

OWNING = Path(__file__).with_name("owning.py")
pytestmark = pytest.mark.xdist_group("prefect")


@pytest.mark.server
def test_the_server_keeps_its_data_under_the_home_folder(server: EmbeddedServer, server_home: Path) -> None:
    database = server_home / "prefect" / "prefect.db"
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700
    assert server.log == server_home / "prefect" / "server.log"


@pytest.mark.server
def test_it_listens_on_this_machine_only_and_to_its_owner_only(server: EmbeddedServer) -> None:
    listening = [one.laddr for one in psutil.Process(server.pid).net_connections() if one.status == "LISTEN"]
    assert [address.ip for address in listening] == ["127.0.0.1"]
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(f"{server.url}/flows/count", data=b"{}", timeout=10)
    assert refused.value.code == 401
    refused.value.close()


@pytest.mark.server
@pytest.mark.parametrize("when", ["starting", "ready"])
def test_it_dies_with_its_owner_however_that_dies(tmp_path: Path, server_home: Path, when: str) -> None:
    home = server_home if when == "ready" else tmp_path  # a fresh database takes seconds longer
    with subprocess.Popen([sys.executable, OWNING, home, when], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        server = psutil.Process(int(owner.stdout.readline()))
        children = psutil.Process(owner.pid).children()
        owner.send_signal(signal.SIGKILL)
    assert server in children
    try:
        gone, alive = psutil.wait_procs([server], timeout=5)
        assert not alive, f"the server outlived its owner: {gone}"
    finally:
        for child in children:
            if child.is_running():
                child.kill()


@pytest.mark.server
def test_two_on_one_fresh_home_both_start(tmp_path: Path) -> None:
    tmp_path = tmp_path / "a folder, 100%20 #1: ü"
    with EmbeddedServer(tmp_path, url="") as one, EmbeddedServer(tmp_path, url="") as other:
        assert one.ready() != other.ready()
        pids = [one.pid, other.pid]
    assert not any(psutil.pid_exists(pid) for pid in pids if pid is not None)


@pytest.mark.server
def test_servers_start_in_turns_and_one_that_cannot_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "prefect"
    folder.mkdir()
    (folder / "prefect.db").write_text("this is no database, and was longer than a header of one " * 40)
    with EmbeddedServer(tmp_path, url="") as server:
        with FileLock(folder / "start.lock"):  # as if another one were creating the database
            time.sleep(4)
            assert psutil.Process(server.pid).status() != psutil.STATUS_ZOMBIE
        with pytest.raises(ServerFailed) as failed:
            server.ready()
    assert "file is not a database" in str(failed.value)
    assert "rnn doctor" in str(failed.value)
    assert str(folder / "server.log") in str(failed.value)


def test_a_named_server_is_used_and_none_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with EmbeddedServer(tmp_path) as server:
        assert server.pid is None
        assert server.url == "http://127.0.0.1:9/api"
        with pytest.raises(ServerFailed, match=r"no Prefect server answers at http://127\.0\.0\.1:9/api"):
            server.ready()
    assert not list(tmp_path.iterdir())


def test_the_environment_is_as_before_when_it_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://named/api")
    monkeypatch.setenv("PREFECT_API_KEY", "theirs")
    before = dict(os.environ)
    with EmbeddedServer(tmp_path, url="") as server:
        assert os.environ["PREFECT_API_URL"] == server.url
        assert "PREFECT_API_KEY" not in os.environ
        assert os.environ["PREFECT_RESULTS_DEFAULT_SERIALIZER"] == "json"
    assert dict(os.environ) == before


def test_it_is_started_before_anything_heavy_is_imported() -> None:
    program = (
        "import sys, flows.server; print([m for m in ('prefect', 'torch', 'pydantic', 'polars') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_it_says_where_runs_can_be_looked_at_later(tmp_path: Path) -> None:
    assert EmbeddedServer(tmp_path, url="").to_look == (
        f"PREFECT_HOME={tmp_path}/prefect PREFECT_SERVER_ANALYTICS_ENABLED=false prefect server start"
    )
    assert EmbeddedServer(tmp_path, url="http://prefect.local:4200/api").to_look == "http://prefect.local:4200"


def test_a_home_that_no_database_address_can_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="choose another home"):
        EmbeddedServer(tmp_path / "what?")


def test_a_large_log_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "prefect").mkdir()
    log = tmp_path / "prefect" / "server.log"
    log.write_bytes(b"x" * (2 << 20))
    with EmbeddedServer(tmp_path, url=""):
        assert log.stat().st_size < 1 << 20


def test_stopping_is_quick_also_before_it_is_ready(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, url="") as server:
        process = psutil.Process(server.pid)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    assert not process.is_running()
