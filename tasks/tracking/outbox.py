"""What is to be told to MLflow, on disk before it is sent.

While the server is away nothing is lost, and what a resumed run says again is not stored twice: every operation may be
sent again, because metrics keep the time at which they were first said, and MLflow stores equal (name, step, time,
value) once.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.exceptions import MlflowException

Operation = Mapping[str, Any]

_LASTING = frozenset(
    {
        "BAD_REQUEST", "INVALID_PARAMETER_VALUE", "RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST", "NOT_FOUND",
        "INVALID_STATE", "NOT_IMPLEMENTED", "DATA_LOSS",
    }
)  # fmt: skip
"""Answers that will be the same however often one asks; all others are taken for a server that is away."""


class Outbox:
    """The operations of one run, in order, and how many of them have been delivered."""

    def __init__(self, folder: Path) -> None:
        self._file, self._count, self._staged = folder / "outbox.jsonl", folder / "delivered", folder / "staged"
        folder.mkdir(parents=True, exist_ok=True)
        self._pending = _complete_lines(self._file)
        self._metrics: dict[tuple[str, int], float] = {}
        self._params: dict[str, str] = {}
        for operation in self._pending:
            self._params.update(operation.get("params", {}))
            self._metrics.update({(name, step): value for name, value, _at, step in operation.get("metrics", ())})
        self._delivered = int(self._count.read_text()) if self._count.is_file() else 0
        del self._pending[: self._delivered]

    def add(self, operation: Operation) -> None:
        """Writes an operation down; `deliver` sends it."""
        with self._file.open("a") as stream:
            stream.write(json.dumps(operation) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        self._pending.append(operation)

    def add_metrics(self, step: int, values: Mapping[str, float]) -> list[str]:
        """Writes metrics of a step down, except what was said before; returns the names that had another value then."""
        now = int(time.time() * 1000)
        changed = [name for name, value in values.items() if self._metrics.get((name, step), value) != value]
        new = {name: value for name, value in values.items() if self._metrics.get((name, step)) != value}
        self._metrics.update({(name, step): value for name, value in new.items()})
        if new:
            self.add({"metrics": [[name, value, now, step] for name, value in new.items()]})
        return changed

    def add_params(self, values: Mapping[str, str]) -> list[str]:
        """Writes params down, each name once: MLflow takes no second value; returns the names that had another one."""
        changed = [name for name, value in values.items() if self._params.get(name, value) != value]
        new = {name: value for name, value in values.items() if name not in self._params}
        self._params.update(new)
        if new:
            self.add({"params": new})
        return changed

    def stage(self, name: str) -> Path:
        """A free place for a file or a folder of this name that is to be sent as an artifact."""
        place = self._staged / str(time.time_ns())
        place.mkdir(parents=True)
        return place / name

    def deliver(self, send: Callable[[Operation], None]) -> bool:
        """Sends what is pending, oldest first; False where the server is away, and the rest waits.

        An operation that MLflow will never take is left out, and the log says so: it must not hold up the rest.
        """
        from mlflow.exceptions import MlflowException
        from requests import RequestException

        together = True
        while self._pending:
            operation, count = _next(self._pending, together)
            try:
                send(operation)
            except RequestException:
                return False
            except MlflowException as error:
                if away(error):
                    return False
                if count > 1:
                    together = False
                    continue
                logging.getLogger(__name__).warning("MLflow refused %s: %s", next(iter(operation)), error.message)
            self._took(count)
        return True

    def _took(self, count: int) -> None:
        del self._pending[:count]
        self._delivered += count
        new = self._count.with_suffix(".new")
        new.write_text(str(self._delivered))
        new.replace(self._count)


def away(error: MlflowException) -> bool:
    """Whether an error says that the server is away (and may come back), not that it refuses."""
    return error.error_code not in _LASTING


def copied(source: Path, target: Path) -> Path:
    """Copies a file or a folder, by links where the file system has them."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link)
    else:
        _link(source, target)
    return target


def _next(pending: Sequence[Operation], together: bool) -> tuple[Operation, int]:
    """The first operation, with the metrics of those that follow it directly: one message instead of many."""
    if not together or "metrics" not in pending[0]:
        return pending[0], 1
    count = next((number for number, operation in enumerate(pending) if "metrics" not in operation), len(pending))
    return {"metrics": [entry for operation in pending[:count] for entry in operation["metrics"]]}, count


def _complete_lines(file: Path) -> list[Operation]:
    """The operations in a file; a last line that a kill cut off was never said, and is cut away."""
    if not file.is_file():
        return []
    content = file.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with file.open("r+b") as stream:
            stream.truncate(len(whole))
    return [json.loads(line) for line in whole.splitlines()]


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
