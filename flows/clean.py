"""Removes finished steps that nobody used for a while; what registered versions rest on stays."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from tasks.store import Store


class Removed(NamedTuple):
    """Something that was (or would be) removed, and its size in bytes."""

    path: Path
    size: int


class Cleaned(NamedTuple):
    """What `clean` did: what went, how many steps stayed, and how many of those for registered versions' sake."""

    removed: list[Removed]
    kept: int
    needed: int


def clean(home: Path, older: timedelta, *, dry_run: bool = False) -> Cleaned:
    """Removes steps, unfinished work and reports under `home` that were last used longer ago than `older`."""
    store = Store(home)
    needed = needed_keys(store)
    limit = time.time() - older.total_seconds()
    steps = [path for path in _entries(store.folder) if path.name not in needed]
    others = [*_entries(home / "work"), *_entries(home / "reports"), *_entries(home / "locks")]
    gone = [path for path in (*steps, *others) if path.stat().st_mtime < limit]
    removed = [Removed(path, _size(path)) for path in gone]
    if not dry_run:
        for path in gone:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    kept = sum(1 for path in _entries(store.folder) if path not in gone)
    return Cleaned(removed, kept, len(needed))


def needed_keys(store: Store) -> set[str]:
    """The steps that registered versions rest on: every `register` step in the store, and all it was made from."""
    waiting = [path.parent.name for path in store.folder.glob("*/version.json")]
    needed: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key not in needed:
            needed.add(key)
            waiting += store.origin(key).values()
    return needed


def _entries(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(folder.iterdir())


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
