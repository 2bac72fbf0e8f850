"""The accepted contract of a pipeline's load: a file that a person can read and commit."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError

from rnnlib.data.seen import Contract
from rnnlib.errors import Refused
from rnnlib.part import Facts
from rnnlib.place import File
from tasks.store import digest_of


class MadeFrom(Facts):
    """What a contract was seen in."""

    files: str = Field(description="digest of the files")
    section: str = Field(description="digest of the spec's section `load`, without what it says of the contract")


class Accepted(Facts):
    """A contract that later loads are held against."""

    made_from: MadeFrom
    seen: Contract

    @classmethod
    def read(cls, file: File | None) -> Self | None:
        """The contract in `file`; none where there is none. Raises `Refused` where it cannot be read."""
        if file is None or not file.path.is_file():
            return None
        try:
            return cls.model_validate_json(file.path.read_text())
        except (ValidationError, ValueError, OSError) as error:
            rule = f"{file.shown} holds the accepted contract, and it cannot be read ({str(error).splitlines()[0]})"
            raise Refused(
                f"{rule}: restore it, or make it anew with `rnn data SPEC --accept`", at=("contract",)
            ) from error

    @property
    def digest(self) -> str:
        """Equal contracts, equal digests."""
        return digest_of(self.model_dump(mode="json"))

    def keep(self, file: File, *, first: bool) -> None:
        """Writes the contract: a temporary name, flushed, then its own name, so that a kill leaves the old or the new.

        With `first`, a contract that somebody else has written in the meantime stands.
        """
        folder = file.path.parent
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{file.path.stem}-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(self.model_dump_json(indent=1, exclude_defaults=True) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            if not first:
                temporary.replace(file.path)
            elif not file.path.exists():
                _named(temporary, file.path)
        finally:
            temporary.unlink(missing_ok=True)
        _flush(folder)


def _named(temporary: Path, final: Path) -> None:
    """A link is made only where nothing has the name: of two first loads, one is the first."""
    try:
        os.link(temporary, final)
    except FileExistsError:
        return


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
