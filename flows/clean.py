"""Removes what nobody used for a while: finished steps, and files of remote sources.

What registered versions rest on stays.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

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
    """Removes what was last used longer ago than `older`: steps, unfinished work, reports, files of remote sources.

    A file that a URL named is in the cache under the digest of its bytes; a load that needs it again brings it again.
    """
    store = Store(home)
    needed = needed_keys(store)
    limit = time.time() - older.total_seconds()
    steps = [path for path in _entries(store.folder) if path.name not in needed]
    unfinished = [path for path in _entries(home / "work") if _written(path) < limit]
    files = (*(home / "reports").glob("*/*"), *(home / "remote").glob("[!.]*"))
    old = [path for path in (*steps, *files) if path.stat().st_mtime < limit] + unfinished
    removed = [gone for path in old if (gone := _removed(store, path, dry_run=dry_run)) is not None]
    kept = sum(1 for path in _entries(store.folder) if path not in {gone.path for gone in removed})
    return Cleaned(removed, kept, len(needed))


def _removed(store: Store, path: Path, *, dry_run: bool) -> Removed | None:
    """Removes a folder, unless a step of its key is being executed just now."""
    size = _size(path)
    if dry_run:
        return Removed(path, size)
    lock = store.lock(path.name.partition(".")[0]) if path.is_dir() else nullcontext()
    try:
        with lock.acquire(timeout=0) if isinstance(lock, FileLock) else lock:
            if path.parent == store.folder:
                store.discard(path.name)
            elif path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    except Timeout:
        return None
    return Removed(path, size)


def _written(path: Path) -> float:
    """When something was last written into a folder, however deep."""
    return max(entry.stat().st_mtime for entry in (path, *path.rglob("*")))


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
