"""One file per tracked run that has not finished well: who carries it out, and how it ended.

A run's mark outlives a kill -9: from it the next command learns that the run is dead, and a retry finds its run id.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil
from filelock import FileLock

from rnnlib.errors import Refused

_CLOCK_SLACK = 2.0
"""Seconds by which the start of one and the same process may be told apart: it is counted from the boot time."""


@dataclass(frozen=True)
class Mark:
    """What is known of a run without asking MLflow."""

    folder: Path
    key: str
    place: str
    """Where it is tracked (`place_now`)."""
    run_id: str | None
    ended: str | None
    """`FINISHED`, `FAILED`, `KILLED`; none while it is carried out."""
    delivered: bool
    """Whether MLflow has all of it."""
    pid: int
    started: float
    host: str

    @property
    def id(self) -> str:
        """The mark's own name; a tag of the run, which finds the run where its id was not written down in time."""
        return self.folder.name

    def alive(self) -> bool:
        """Whether the process that carries it out still runs; on another machine nobody can know, so yes."""
        if self.ended is not None:
            return False
        if self.host != platform.node():
            return True
        try:
            process = psutil.Process(self.pid)
            same = bool(abs(process.create_time() - self.started) < _CLOCK_SLACK)
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def changed(self, *, run_id: str | None = None, ended: str | None = None, delivered: bool | None = None) -> Mark:
        """The mark with some facts replaced, on disk too."""
        return replace(
            self,
            run_id=run_id or self.run_id,
            ended=ended or self.ended,
            delivered=self.delivered if delivered is None else delivered,
        ).write()

    def settled(self, *, delivered: bool) -> None:
        """Notes whether MLflow has all of it; then a run that ended well is forgotten, others wait for a retry."""
        if delivered and self.ended == "FINISHED":
            self.remove()
        else:
            self.changed(delivered=delivered)

    def remove(self) -> None:
        """Forgets the run."""
        shutil.rmtree(self.folder)

    def forget_deliveries(self) -> None:
        """Makes the outbox send everything again."""
        (self.folder / "delivered").unlink(missing_ok=True)

    def write(self) -> Mark:
        """Writes the mark whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = {name: value for name, value in asdict(self).items() if name != "folder"}
        new = self.folder / "mark.new"
        new.write_text(json.dumps(content, indent=1))
        new.replace(self.folder / "mark.json")
        return self


def claim(home: Path, key: str, place: str) -> Mark:
    """The mark of a run that this process now carries out: one that was cut off or failed, else a new one."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,200}", key):
        raise Refused(f"a run's key is made of letters, digits, `-`, `_` and `.`, received {key!r}")
    folder = home / "runs"
    own = Mark(folder / uuid.uuid4().hex, key, place, None, None, False, *_own_process())
    with settling(home):
        for mark in marks(home):
            if (mark.key, mark.place) == (key, place) and mark.ended != "FINISHED" and not mark.alive():
                return replace(own, folder=mark.folder, run_id=mark.run_id).write()
        return own.write()


def settling(home: Path) -> FileLock:
    """Held while it is decided whose a run is and how it ended, so that no run is given two ends or two owners."""
    (home / "runs").mkdir(parents=True, exist_ok=True)
    return FileLock(home / "runs" / ".lock")


def marks(home: Path) -> Iterator[Mark]:
    """Every run that has not finished well, or that MLflow has not all of."""
    for file in sorted((home / "runs").glob("*/mark.json")):
        try:
            content = json.loads(file.read_text())
        except FileNotFoundError:
            continue  # another process has just finished it
        yield Mark(folder=file.parent, **content)


def _own_process() -> tuple[int, float, str]:
    return os.getpid(), psutil.Process().create_time(), platform.node()
