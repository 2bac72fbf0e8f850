from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import State
from prefect.settings import get_current_settings
from prefect.states import Completed, Running

from flows import prefect_session
from flows.prefect_session import recorded, session
from flows.server import EmbeddedServer


def test_prefect_is_told_anew_whatever_it_read_when_it_was_imported(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, url="http://127.0.0.1:9/api") as server, session(server):
        now = get_current_settings()
        assert now.api.url == "http://127.0.0.1:9/api"
        assert now.results.default_serializer == "json"
        assert now.flows.heartbeat_frequency is None  # joining its thread costs a second at every end
    assert get_current_settings().api.url != "http://127.0.0.1:9/api"


def test_logs_go_to_prefect_and_not_to_the_terminal(tmp_path: Path) -> None:
    program = f"""
import logging
from pathlib import Path
from flows.server import EmbeddedServer
with EmbeddedServer(Path({str(tmp_path)!r}), url="http://127.0.0.1:9/api"):
    import flows.prefect_session
    print([type(one).__name__ for one in logging.getLogger("prefect.task_runs").handlers])
    logging.getLogger("prefect.events").error("noise")
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (said.stdout.strip(), said.stderr) == ("['APILogHandler']", "")


@pytest.mark.parametrize("failed", [False, True])
def test_nothing_stays_to_be_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failed: bool) -> None:
    sent: list[bool] = []
    monkeypatch.setattr("flows.prefect_session.sent", lambda: sent.append(True))

    def work() -> None:
        with EmbeddedServer(tmp_path, url="http://127.0.0.1:9/api") as server, session(server):
            assert sent == []
            if failed:
                raise OSError("in between")

    if failed:
        with pytest.raises(OSError, match="in between"):
            work()
    else:
        work()
    assert sent == [True]


class Recorder:
    """A server that writes task runs down only after it was asked for them a few times."""

    def __init__(self, *answers: dict[str, State[Any]]) -> None:
        self.answers = list(answers)

    def read_task_runs(self, flow_run_filter: object) -> list[SimpleNamespace]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [SimpleNamespace(name=name, state=state) for name, state in answer.items()]


def test_the_end_is_awaited_of_every_step() -> None:
    said: list[str] = []
    both = {"load": Completed(), "train": Completed()}
    recorder: Any = Recorder({}, {"load": Completed(), "train": Running()}, both)
    recorded(recorder, uuid4(), ["load", "train"], said.append)
    assert (recorder.answers, said) == ([both], [])


def test_what_is_never_recorded_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_session, "_RECORDED_WITHIN", 0.1)
    said: list[str] = []
    recorder: Any = Recorder({"load": Completed()})
    recorded(recorder, uuid4(), ["load", "train"], said.append)
    assert said == ["Prefect did not record how train ended"]
