"""Where a spec may reach: its own folder, its project's root, and the roots that the operator names.

A spec is data: it can name no path outside these, whatever it writes (`..`, links, absolute paths).
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rnnlib.errors import DataError, Refused

_REFERENCE = re.compile(r"\$\{(env|secret):([A-Za-z_][A-Za-z0-9_]*)\}")
_GLOB = re.compile(r"[*?\[]")


class File(NamedTuple):
    """A file that a spec names: `shown` is how the spec wrote it (references unresolved), `path` is where it is."""

    shown: str
    path: Path


@dataclass(frozen=True)
class Place:
    """The folder that relative paths start from, and the roots that every path must lie under."""

    folder: Path
    root: Path
    roots: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False, compare=False)

    @classmethod
    def of(cls, spec: Path) -> Place:
        """The place of a spec file: the project is the nearest folder with a `.git` or a `pyproject.toml`.

        Further roots come from the operator: `roots` in the project's `rnn.toml`, and `RNN_ROOTS` (separated by `:`).
        """
        folder = spec.resolve().parent
        root = next((up for up in (folder, *folder.parents) if _is_project(up)), folder)
        return cls(folder, root, (*_configured(root), *_from_environment()))

    def files(self, pattern: str) -> list[File]:
        """The files that `pattern` names, sorted; globs (`*`, `?`, `[…]`, `**`) allowed.

        Raises `Refused` for a path outside the roots or an unresolved reference, `DataError` where there is no file.
        """
        resolved = self.resolve(pattern)
        if _GLOB.search(resolved):
            anchor, rest = _fixed_part(self.folder / resolved)
            self._inside(anchor, pattern)
            found = sorted(path for path in anchor.glob(rest) if path.is_file())
        else:
            found = [self.folder / resolved]
        files = [File(self._shown(path, pattern), self._inside(path, pattern)) for path in found]
        if not files:
            raise DataError(f"no file matches `{pattern}`: check the path, relative to the spec's folder")
        for file in files:
            if not file.path.is_file():
                raise DataError("there is no such file: check the path, relative to the spec's folder", file=file.shown)
        return files

    def resolve(self, text: str) -> str:
        """`text` with its `${env:NAME}` and `${secret:NAME}` replaced; the result is never to be logged.

        A secret is read from the environment variable of its name, else from the file of its name in `RNN_SECRETS`.
        """

        def value(match: re.Match[str]) -> str:
            kind, name = match.groups()
            found = self.environment.get(name)
            if found is None and kind == "secret" and (folder := self.environment.get("RNN_SECRETS")):
                file = Path(folder) / name
                found = file.read_text().rstrip("\n") if file.is_file() else None
            if found is None:
                where = "the environment" if kind == "env" else "the environment or the folder RNN_SECRETS"
                raise Refused(f"`{match.group()}` has no value: set {name} in {where}")
            return found

        out = _REFERENCE.sub(value, text)
        if "${" in out and "${" in text and _REFERENCE.sub("", text).find("${") >= 0:
            raise Refused(f"a reference is `${{env:NAME}}` or `${{secret:NAME}}`, received `{text}`")
        if "\0" in out:
            raise Refused("a path holds no NUL character")
        return out

    def _inside(self, path: Path, pattern: str) -> Path:
        real = path.resolve()
        allowed = (self.root, *self.roots)
        if not any(real.is_relative_to(root.resolve()) for root in allowed):
            rule = "a path must stay under the project's root or a root named in rnn.toml or RNN_ROOTS"
            raise Refused(f"{rule}: `{pattern}` leads outside; move the data or name its folder as a root")
        return real

    def _shown(self, path: Path, pattern: str) -> str:
        """How messages and reports name `path`: as the spec wrote it, references unresolved."""
        if not _GLOB.search(pattern):
            return pattern
        fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
        head = fixed.rpartition("/")[0]
        base = self.folder / self.resolve(head) if head else self.folder
        return f"{head}/{path.relative_to(base)}" if head else str(path.relative_to(base))


def fingerprint(files: list[File]) -> dict[str, str]:
    """The sha256 of every file's bytes, by the name that the spec gives it."""
    out = {}
    for file in files:
        with file.path.open("rb") as stream:
            out[file.shown] = hashlib.file_digest(stream, "sha256").hexdigest()
    return out


def _is_project(folder: Path) -> bool:
    return (folder / ".git").exists() or (folder / "pyproject.toml").exists()


def _configured(root: Path) -> tuple[Path, ...]:
    file = root / "rnn.toml"
    if not file.is_file():
        return ()
    try:
        content = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{file} is no valid TOML: {error}") from error
    roots = content.pop("roots", [])
    if content or not isinstance(roots, list) or not all(isinstance(item, str) for item in roots):
        unknown = f"; unknown: {', '.join(content)}" if content else ""
        raise Refused(f'{file} holds one key, `roots`, a list of folders{unknown}: write roots = ["/data"]')
    return tuple((root / item).resolve() for item in roots)


def _from_environment() -> tuple[Path, ...]:
    return tuple(Path(item).resolve() for item in os.environ.get("RNN_ROOTS", "").split(os.pathsep) if item)


def _fixed_part(path: Path) -> tuple[Path, str]:
    """`path` cut before its first component with a wildcard."""
    parts = path.parts
    cut = next(index for index, part in enumerate(parts) if _GLOB.search(part))
    return Path(*parts[:cut]), str(Path(*parts[cut:]))
