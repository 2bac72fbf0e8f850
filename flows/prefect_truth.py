"""Tells Prefect how flow runs ended whose process was killed before it could."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psutil
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterTags
from prefect.states import Crashed

from flows.ledger import Entry
from flows.prefect_session import session
from flows.server import EmbeddedServer, ServerFailed


def close_flow_runs(home: Path, entries: Sequence[Entry]) -> list[str]:
    """Sets the flow runs of dead processes, and their task runs, to Crashed; ends a server that outlived its owner.

    An entry whose server cannot be reached stays. Returns a line for each run.
    """
    said = []
    facts = [(entry, entry.facts()) for entry in entries]
    for _, known in facts:
        end_orphan(known)
    for url in sorted({str(known.get("url") or "") for _, known in facts}):
        same = [(entry, known) for entry, known in facts if str(known.get("url") or "") == url]
        try:
            with _client(home, url) as client:
                said += [line for entry, known in same for line in _closed(client, entry, known)]
        except (ServerFailed, httpx.HTTPError) as error:
            said.append(f"Prefect could not be told of {len(same)} runs that were killed (tried again later): {error}")
    return said


def _closed(client: SyncPrefectClient, entry: Entry, known: dict[str, Any]) -> Iterator[str]:
    message = f"the process {known['pid']} that carried the run out is gone (killed, or the machine went down)"
    for run in client.read_flow_runs(flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[entry.tag]))):
        if run.state is None or not run.state.is_final():
            _crash(client, run.id, message)
            yield f"Prefect now says Crashed of a run of {known['spec']}: {message}"
    entry.path.unlink()


def _crash(client: SyncPrefectClient, run_id: UUID, message: str) -> None:
    for task_run in client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))):
        if task_run.state is None or not task_run.state.is_final():
            client.set_task_run_state(task_run.id, Crashed(message=message), force=True)
    client.set_flow_run_state(run_id, Crashed(message=message), force=True)


@contextmanager
def _client(home: Path, url: str) -> Iterator[SyncPrefectClient]:
    """A client of the server at `url`; of one started for this alone where the runs were on the embedded database."""
    with EmbeddedServer(home, url=url) as server:
        server.ready()
        with session(server), get_client(sync_client=True) as client:
            yield client


def end_orphan(known: Mapping[str, Any]) -> None:
    """Ends the server of a dead run, should it have outlived its owner; a process of another birth is left alone."""
    with suppress(psutil.NoSuchProcess, KeyError):
        server = psutil.Process(int(known["server"]))
        if abs(server.create_time() - known["server_started"]) < 2.0:
            server.kill()
