"""Which flow runs are being carried out, so that those whose process is gone are given their true end.

A run's entry is a file that its process holds locked: the kernel gives the lock back however the process dies. Process
ids are reused and differ between containers; the lock is neither.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Entry:
    """The facts of one run, one JSON object a line, appended as they become known."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self.ended = False
        """Whether Prefect knows how the run ended; while it does not, the entry stays for the next `sweep`."""

    @property
    def tag(self) -> str:
        """A tag of the flow run: finds it where the process died before its id was written down."""
        return f"entry:{self.path.stem[:12]}"

    def note(self, facts: Mapping[str, str | float | None]) -> None:
        """Writes facts down."""
        os.write(self._descriptor, (json.dumps(dict(facts)) + "\n").encode())

    def facts(self) -> dict[str, Any]:
        """All that was written down; a line that a kill cut short is left out."""
        found: dict[str, Any] = {}
        for line in self.path.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                found.update(json.loads(line))
        return found


@contextmanager
def entered(home: Path, spec: str) -> Iterator[Entry]:
    """Keeps an entry of a flow run of the pipeline `spec`, until the run is said to have ended."""
    folder = _folder(home)
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    name = uuid.uuid4().hex
    hidden, path = folder / f".{name}", folder / f"{name}.jsonl"
    descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        entry = Entry(path, descriptor)
        entry.note({"spec": spec, "pid": os.getpid(), "started": time.time()})
        hidden.rename(path)  # locked before anybody can see it
        try:
            yield entry
        finally:
            if entry.ended:
                path.unlink()
    finally:
        os.close(descriptor)


def sweep(home: Path) -> list[str]:
    """Gives runs whose process is gone their true end, and says what it did; under 5 ms where there are none.

    What cannot be done now (a server that does not answer) is said, and tried again next time.
    """
    said: list[str] = []
    with _dead(home) as entries:
        if entries:
            from flows.prefect_truth import close_flow_runs

            said += close_flow_runs(home, entries)
    if any((home / "runs").glob("*/mark.json")):
        from tasks.tracking.left import close_dead

        if closed := close_dead(home):
            said.append(
                f"MLflow now says KILLED of {closed} {'run whose' if closed == 1 else 'runs whose'} process died"
            )
    return said


@contextmanager
def _dead(home: Path) -> Iterator[list[Entry]]:
    """The entries whose process is gone, locked: of two sweeps at once, one has them."""
    found: list[tuple[Entry, int]] = []
    try:
        for path in _folder(home).glob("*.jsonl"):
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
            except FileNotFoundError:
                continue  # the run has just ended
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            found.append((Entry(path, descriptor), descriptor))
        yield [entry for entry, _ in found if entry.path.exists()]
    finally:
        for _, descriptor in found:
            os.close(descriptor)


def _folder(home: Path) -> Path:
    return home / "prefect" / "runs"
