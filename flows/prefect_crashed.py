"""Tells a Prefect server that a flow run crashed whose process could not say so itself."""

from __future__ import annotations

from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterTags
from prefect.states import Crashed

from flows.ledger import Entry
from flows.prefect_session import session
from flows.server import EmbeddedServer, ServerFailed


def set_crashed(server: EmbeddedServer, entry: Entry) -> list[str]:
    """Sets the flow runs of a dead entry that have no end, and their task runs, to Crashed; a line for each."""
    facts = entry.facts()
    message = f"the process {facts['pid']} that carried the run out is gone (killed, or the machine went down)"
    said = []
    try:
        with session(server), get_client(sync_client=True) as client:
            tagged = FlowRunFilter(tags=FlowRunFilterTags(all_=[entry.tag]))
            for run in client.read_flow_runs(flow_run_filter=tagged):
                if run.state is None or not run.state.is_final():
                    _crash(client, run.id, message)
                    said.append(f"Prefect now says Crashed of a run of {facts['spec']}: {message}")
    except httpx.HTTPError as error:
        raise ServerFailed(f"{server.url} does not take it: {error}") from error
    return said


def _crash(client: SyncPrefectClient, run_id: UUID, message: str) -> None:
    for task_run in client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))):
        if task_run.state is None or not task_run.state.is_final():
            client.set_task_run_state(task_run.id, Crashed(message=message), force=True)
    client.set_flow_run_state(run_id, Crashed(message=message), force=True)
