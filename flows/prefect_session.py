"""What this process's Prefect client is told for the length of a run, and what it must have said before it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

# Prefect imports these at the first flow; here it happens while the server is starting.
import anyio._backends._asyncio  # noqa: F401
import fastapi.encoders  # noqa: F401
import prefect.flow_engine
import prefect.task_engine
import prefect.utilities.visualization  # noqa: F401
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import Settings, temporary_settings

from flows.server import EmbeddedServer

_SENT_WITHIN = 10.0
_RECORDED_WITHIN = 10.0


@contextmanager
def session(server: EmbeddedServer) -> Iterator[None]:
    """Settings as the environment has them now: Prefect read them when it was imported, perhaps before the server was.

    The heartbeat of flow runs is off: joining its thread costs a second at every end, and `flows.ledger` sees the dead.
    """
    now = Settings()
    updates = {
        "home": now.home,
        "api.url": server.url,
        "api.auth_string": now.api.auth_string,
        "results.default_serializer": now.results.default_serializer,
        "flows.heartbeat_frequency": None,
    }
    with temporary_settings(updates=updates):
        try:
            yield
        finally:
            sent()


def sent() -> None:
    """Sends the logs and events that are still in this process: a server of our own must not end before."""
    APILogWorker.drain_all(timeout=_SENT_WITHIN)
    EventsWorker.drain_all(timeout=_SENT_WITHIN)


def recorded(client: SyncPrefectClient, flow_run: UUID, steps: Collection[str], say: Callable[[str], None]) -> None:
    """Waits until the server has written down how every step ended: it records task runs from a queue in its memory."""
    limit = time.monotonic() + _RECORDED_WITHIN
    of_this_run = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run]))
    while True:
        known = {
            one.name for one in client.read_task_runs(flow_run_filter=of_this_run) if one.state and one.state.is_final()
        }
        missing = set(steps) - known
        if not missing:
            return
        if time.monotonic() > limit:
            say(f"Prefect did not record how {', '.join(sorted(missing))} ended")
            return
        time.sleep(0.02)
