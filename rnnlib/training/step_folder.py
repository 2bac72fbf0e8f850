"""A folder that is complete or is not there, and whose damage is seen before anything is made of it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from rnnlib.errors import Refused

MANIFEST = "manifest.json"


class Damaged(Refused):
    """A folder whose files differ from its manifest."""


def write_folder(final: Path, files: Mapping[str, bytes]) -> None:
    """Writes `files` under a temporary name on the same file system, flushes them, the manifest last, and renames.

    A kill at any moment leaves the folder complete or absent. Raises `OSError` where the disk is full or `final` is
    there already: it is never overwritten.
    """
    temporary = final.with_name(f".{final.name}.{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    os.mkdir(temporary)
    try:
        for name, content in files.items():
            _write(temporary / name, content)
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        _write(temporary / MANIFEST, json.dumps(digests, indent=1, sort_keys=True).encode())
        _flush(temporary)
        os.rename(temporary, final)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _flush(final.parent)


def read_folder(folder: Path) -> dict[str, bytes]:
    """The content of every file, held against the manifest: what is returned is what was hashed.

    Raises `Damaged` where a file is missing, added or changed.
    """
    try:
        digests = json.loads((folder / MANIFEST).read_bytes())
        files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST}
    except (OSError, ValueError) as error:
        raise Damaged(f"{folder.name} cannot be read ({error})") from error
    if not isinstance(digests, dict) or files.keys() != digests.keys():
        raise Damaged(f"{folder.name}: its files are not those of its manifest")
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != digests[name]:
            raise Damaged(f"{folder.name}: {name} differs from its manifest")
    return files


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
