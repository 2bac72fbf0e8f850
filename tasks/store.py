"""Where finished steps live: `.rnn/store/<key>/`, written to a temporary name and renamed when complete.

A step's key is a digest of everything that its result rests on. A kill at any moment leaves either no folder or a
complete one: files are flushed to disk, a manifest of their sha256 is written last, then the folder is renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import Field

from rnnlib.errors import Refused
from rnnlib.part import Facts

MANIFEST = "manifest.json"


class Stored(Facts):
    """A handle: a finished step's folder and the digest of what is in it. Never a frame, never a tensor."""

    path: Path = Field(description="the folder; its name is the step's key")
    digest: str = Field(description="sha256 over the folder's manifest: equal content, equal digest")


class Damaged(Refused):
    """A stored step whose files differ from its manifest."""


class Store:
    """The finished steps under a home folder (`.rnn/`)."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "store"

    def open(self, key: str) -> Stored | None:
        """The finished step of a key, or none. Verified: a damaged one is set aside (`<key>.damaged`) and is none."""
        at = self.folder / key
        if not at.is_dir():
            return None
        try:
            stored = Stored(path=at, digest=verified(at))
            os.utime(at)  # `rnn clean` goes by the time of the last use
            return stored
        except Damaged:
            self._aside(key, "damaged")
            return None

    def _aside(self, key: str, why: str) -> Path | None:
        """Gives a step another name in one move: a kill leaves it whole under one of the two, never half under its own.

        None where somebody else was faster.
        """
        aside = self.folder / f"{key}.{why}"
        shutil.rmtree(aside, ignore_errors=True)
        try:
            (self.folder / key).rename(aside)
        except FileNotFoundError:
            return None
        return aside

    def keep(self, key: str, write: Callable[[Path], None]) -> Stored:
        """Runs `write` on a temporary folder, seals it and gives it its name. A finished step is never overwritten."""
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=self.folder, prefix=f".{key[:12]}-"))
        try:
            write(temporary)
            digest = seal(temporary)
            final = self.folder / key
            try:
                temporary.rename(final)
            except OSError:
                # Somebody else finished the same key first (their lock was on another machine): theirs stands.
                if not (final / MANIFEST).is_file():
                    raise
                digest = verified(final)
            _flush(self.folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return Stored(path=final, digest=digest)

    def note_origin(self, key: str, inputs: dict[str, str]) -> None:
        """Writes down which steps a step was made from. Beside the store: a result's digest is of its content only."""
        folder = self.home / "origins"
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{key}.{os.getpid()}"
        temporary.write_text(json.dumps(inputs))
        _flush(temporary)
        temporary.rename(folder / f"{key}.json")

    def origin(self, key: str) -> dict[str, str]:
        """The keys of the steps that a step was made from, by slot; empty where it was not written down."""
        file = self.home / "origins" / f"{key}.json"
        return json.loads(file.read_text()) if file.is_file() else {}

    def discard(self, key: str) -> None:
        """Removes a finished step whose result no longer stands."""
        if (aside := self._aside(key, "gone")) is not None:
            shutil.rmtree(aside, ignore_errors=True)

    def work(self, key: str) -> Path:
        """A folder for what a step of this key keeps while it runs; it survives a kill."""
        folder = self.home / "work" / key
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def done_with(self, key: str) -> None:
        """Removes the working folder of a key whose step is complete."""
        shutil.rmtree(self.home / "work" / key, ignore_errors=True)

    def lock(self, key: str) -> FileLock:
        """The lock that a process holds while it executes the step of a key."""
        folder = self.home / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / f"{key}.lock")

    def alone(self, key: str, say: Callable[[str], None]) -> AbstractContextManager[Any]:
        """A lock on a key: of two processes that need the same step, the second waits, says why, and then finds it."""
        lock = self.lock(key)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            say("another run is computing this very step: waiting for its result")
            lock.acquire()
        return _Held(lock)


class _Held(AbstractContextManager[None]):
    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def __exit__(self, *_ended: object) -> None:
        self._lock.release()


def seal(folder: Path) -> str:
    """Flushes every file, writes the manifest last, and returns the manifest's digest."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            _flush(path)
            with path.open("rb") as stream:
                files[path.relative_to(folder).as_posix()] = hashlib.file_digest(stream, "sha256").hexdigest()
    manifest = folder / MANIFEST
    manifest.write_text(json.dumps(files, indent=1, sort_keys=True))
    _flush(manifest)
    _flush(folder)
    return digest_of(files)


def verified(folder: Path) -> str:
    """The digest of a sealed folder; raises `Damaged` where a file is missing, added or changed."""
    try:
        files = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise Damaged(f"{folder}: the manifest cannot be read ({error}): the step must run again") from error
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    if odd := present.symmetric_difference(files):
        raise Damaged(f"{folder}: {', '.join(sorted(odd))} missing or not in the manifest: the step must run again")
    for name, expected in files.items():
        with (folder / name).open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != expected:
                raise Damaged(f"{folder}: {name} differs from its manifest: the step must run again")
    return digest_of(files)


def digest_of(value: Any) -> str:
    """sha256 of a value's canonical JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


@cache
def code_digest(*modules: str) -> str:
    """Digest of the bytes of rnnlib, of tasks, and of the given files: results are not reused across changed code."""
    import rnnlib

    digest = hashlib.sha256()
    ours = [*Path(rnnlib.__file__).parent.rglob("*.py"), *Path(__file__).parent.rglob("*.py")]
    for file in (*sorted(ours), *map(Path, sorted(modules))):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
