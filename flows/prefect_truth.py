"""Which flow runs a dead process left behind, and on which server; ends a server that outlived its owner.

Prefect itself is imported once its server is known: it reads its settings when it is imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from flows.ledger import Entry
from flows.server import EmbeddedServer, ServerFailed

_CLOCK_SLACK = 2.0
"""Seconds by which the start of one and the same process may be told apart."""


def close_flow_runs(home: Path, entries: Sequence[Entry]) -> list[str]:
    """Sets the flow runs of dead processes, and their task runs, to Crashed. Returns a line for each.

    An entry whose server cannot be reached stays, and that is said.
    """
    said: list[str] = []
    by_server: dict[str, list[Entry]] = {}
    for entry in entries:
        facts = entry.facts()
        end_orphan(facts)
        by_server.setdefault(str(facts.get("url") or ""), []).append(entry)
    for url, same in by_server.items():
        try:
            said += _closed_on(home, url, same)
        except ServerFailed as error:
            said.append(f"Prefect could not be told of runs that were killed ({len(same)}), tried again later: {error}")
    return said


def end_orphan(facts: Mapping[str, Any]) -> None:
    """Ends the server of a dead run, should it have outlived its owner; a process of another birth is left alone."""
    with suppress(psutil.NoSuchProcess, KeyError):
        server = psutil.Process(int(facts["server"]))
        if abs(server.create_time() - facts["server_started"]) < _CLOCK_SLACK:
            server.kill()


def _closed_on(home: Path, url: str, entries: Sequence[Entry]) -> list[str]:
    """Runs on the embedded database (no `url`) need a server on it for the length of this."""
    with EmbeddedServer(home, url=url) as server:
        server.ready()
        from flows.prefect_crashed import set_crashed

        said = []
        for entry in entries:
            said += set_crashed(server, entry)
            entry.path.unlink()
        return said
