"""Does a schedule really fire? There are versions with which a server starts, runs flows, and never schedules any."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName

from flows.prefect_session import session
from flows.server import EmbeddedServer
from rnnlib.errors import Refused

_FIRES_WITHIN = 120.0


def seconds_to_first_run() -> float:
    """How long a served flow waits until its first scheduled run has completed, on a server and a database of its own.

    Raises `Refused` where none has within two minutes.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rnn-doctor-") as home,
        EmbeddedServer(Path(home), url="", schedules=True) as server,
    ):
        server.ready()
        started = time.monotonic()
        with session(server), get_client(sync_client=True) as client, _served(Path(home) / "served.log") as log:
            while not _completed(client):
                if time.monotonic() - started > _FIRES_WITHIN:
                    raise Refused(_nothing(server.log, log))
                time.sleep(0.2)
        return time.monotonic() - started


@contextmanager
def _served(log: Path) -> Iterator[Path]:
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "flows.doctor_flow", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
            env={**os.environ, "PREFECT_RUNNER_POLL_FREQUENCY": "1"},
        )
    with process:
        try:
            yield log
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # with the runs that it has started


def _completed(client: SyncPrefectClient) -> bool:
    runs = client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=["rnn-doctor"])))
    return any(run.auto_scheduled and run.state is not None and run.state.is_completed() for run in runs)


def _nothing(*logs: Path) -> str:
    ends = [line for log in logs for line in log.read_text(errors="replace").splitlines()[-6:]]
    return "\n  ".join([f"no scheduled run completed within {_FIRES_WITHIN:.0f} s", *ends])
