"""Alias moves: compared and set under a lock, each written into a ledger."""

from __future__ import annotations

import getpass
import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from tasks.registry.versions import aliases_of

if TYPE_CHECKING:
    from mlflow import MlflowClient


class Overtaken(Exception):
    """The alias stands at another version than the one that was to be replaced."""

    def __init__(self, alias: str, expected: str | None, found: str | None) -> None:
        super().__init__(
            f"`{alias}` stood at {_shown(expected)} when the models were compared, and now at {_shown(found)}"
        )


def move_alias(
    client: MlflowClient,
    home: Path,
    name: str,
    alias: str,
    *,
    expected: str | None,
    to: str,
    evidence: Mapping[str, Any],
) -> None:
    """Moves `alias` from the version `expected` (none: it does not exist yet) to `to`, and notes who, when and why.

    Of any number of moves from one version one succeeds; the others raise `Overtaken`. Doing the same move again
    changes nothing. The lock holds for all processes that share the home folder.
    """
    ledger = _ledger(home, name)
    ledger.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(ledger.with_suffix(".lock")):
        found = aliases_of(client, name).get(alias)
        if found not in (expected, to):
            raise Overtaken(alias, expected, found)
        if found != to:
            client.set_registered_model_alias(name, alias, to)
        entry = {"model": name, "alias": alias, "from": expected, "to": to, "evidence": dict(evidence)}
        last = next((move for move in reversed(moves(home, name)) if move["alias"] == alias), None)
        if found != to or last is None or last["to"] != to:  # a crash may have come between the move and its note
            _append(ledger, {"at": datetime.now(UTC).isoformat(timespec="seconds"), "who": _who(), **entry})


def moves(home: Path, name: str) -> list[dict[str, Any]]:
    """The ledger of a model, oldest move first."""
    ledger = _ledger(home, name)
    return [json.loads(line) for line in ledger.read_text("utf-8").splitlines()] if ledger.is_file() else []


def _ledger(home: Path, name: str) -> Path:
    return home / "registry" / f"{name}.jsonl"


def _append(ledger: Path, entry: Mapping[str, Any]) -> None:
    with ledger.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = f"user {os.getuid()}"
    return f"{user}@{platform.node()}"


def _shown(version: str | None) -> str:
    return "no version" if version is None else f"version {version}"
