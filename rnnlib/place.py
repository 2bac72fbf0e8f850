"""Where a spec may reach: its own folder, its project's root, and the roots that the operator names.

A spec is data: it can name no path outside these, whatever it writes (`..`, links, absolute paths).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rnnlib.errors import DataError, Refused
from rnnlib.granted import granted

_REFERENCE = re.compile(r"\$\{(env|secret):([A-Za-z_][A-Za-z0-9_]*)\}")
_GLOB = re.compile(r"[*?\[]")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SHORTEST_SCRUBBED = 4
"""Characters: a shorter value is no secret, and a text is full of it."""


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
    hosts: tuple[str, ...] = ()
    """What may be reached over the network, as the operator says: `example.org`, `localhost:8080`, `s3://bucket`."""
    _scrub: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was resolved here, and how the spec writes it: no message may hold the former."""

    @classmethod
    def of(cls, spec: Path) -> Place:
        """The place of a spec file: the project is the nearest folder with a `.git` or a `pyproject.toml`.

        Further roots, and the hosts that may be reached, come from the operator: `roots` and `hosts` in the project's
        `rnn.toml`, `RNN_ROOTS` (separated by `:`) and `RNN_HOSTS` (by `,`).
        """
        folder = spec.resolve().parent
        root = next((up for up in (folder, *folder.parents) if _is_project(up)), folder)
        roots, hosts = granted(root)
        return cls(folder, root, roots, hosts=hosts)

    @property
    def cache(self) -> Path:
        """The folder for what comes over the network: in the project's home, made where it is absent."""
        home = self.environment.get("RNN_HOME")
        folder = (Path(home).resolve() if home else self.root / ".rnn") / "remote"
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        return folder

    def allow(self, host: str, shown: str) -> None:
        """Raises `Refused` for a host (`name`, `name:port`) or a bucket (`s3://name`) that the operator does not name.

        A host that is named without a port is allowed with any. `shown` is how the spec writes it.
        """
        if not {host, host.rpartition(":")[0] if "://" not in host else host} & set(self.hosts):
            rule = "a spec reaches no host but those that the operator names in `hosts` of rnn.toml or in RNN_HOSTS"
            raise Refused(f"{rule}: that of `{shown}` is none of them; name it there, or bring the data here as a file")

    def reveal(self, text: str) -> str:
        """`text` with its references replaced, whatever their values hold: no path, and never to be logged."""
        return _REFERENCE.sub(self._found, text)

    def conceal(self, value: str, shown: str) -> None:
        """Lets no message hold `value`: it is a piece of what `shown` stands for."""
        self._remember(value, shown)

    def files(self, pattern: str) -> list[File]:
        """The files that `pattern` names, sorted; globs (`*`, `?`, `[…]`, `**`) allowed, behind any reference.

        Files and folders whose names begin with a dot match a pattern only where it writes a dot there.

        Raises `Refused` for a path outside the roots or an unresolved reference, `DataError` where there is no file
        or none that can be reached.
        """
        if _URL.match(pattern):
            rule = "only tables (csv, tsv, parquet, arrow, ndjson) are read from `https://`, `s3://`, `gs://`, `az://`"
            raise Refused(f"{rule}: received `{pattern}`; bring it here as a file")
        with _readable(pattern):
            files = self._globbed(pattern) if _GLOB.search(pattern) else [self._named(pattern)]
            if not files:
                raise DataError(f"no file matches `{pattern}`: check the path, relative to the spec's folder")
            for file in files:
                if not file.path.is_file():
                    rule = no_file(
                        file.path, "check the path, relative to the spec's folder", f"`{pattern.rstrip('/')}/*`"
                    )
                    raise DataError(rule, file=file.shown)
        return files

    def file(self, text: str) -> File:
        """The one file that `text` names, there or not; raises `Refused` for a path outside the roots."""
        with _readable(text):
            return self._named(text)

    def resolve(self, text: str) -> str:
        """`text` with its `${env:NAME}` and `${secret:NAME}` replaced; the result is never to be logged.

        A secret is read from the environment variable of its name, else from the file of its name in `RNN_SECRETS`.
        """
        out = _REFERENCE.sub(self._value, text)
        if "${" in out and "${" in text and _REFERENCE.sub("", text).find("${") >= 0:
            raise Refused(f"a reference is `${{env:NAME}}` or `${{secret:NAME}}`, received `{text}`")
        if "\0" in out:
            raise Refused("a path holds no NUL character")
        return out

    def scrubbed(self, text: str) -> str:
        """`text` with every value that was resolved here replaced by its reference: a traceback may hold paths."""
        for value in sorted(self._scrub, key=len, reverse=True):
            text = text.replace(value, self._scrub[value])
        return text

    def _named(self, text: str) -> File:
        return File(text, self._inside(self.folder / self.resolve(text), text))

    def _globbed(self, pattern: str) -> list[File]:
        cut = pattern.rfind("/", 0, _GLOB.search(pattern).start()) + 1  # type: ignore[union-attr]
        head, rest = pattern[:cut], pattern[cut:]
        if _REFERENCE.search(rest):
            rule = "a reference stands in the folders before the first wildcard, where no file's name shows its value"
            raise Refused(f"{rule}: received `{pattern}`; write it as `${{env:FOLDER}}/*.csv`")
        anchor = self.folder / self.resolve(head)
        self._inside(anchor, pattern)
        found = sorted(path for path in anchor.glob(rest) if path.is_file() and _asked(path.relative_to(anchor), rest))
        names = [f"{head}{path.relative_to(anchor)}" for path in found]
        return [File(name, self._inside(path, name)) for name, path in zip(names, found, strict=True)]

    def _value(self, match: re.Match[str]) -> str:
        found = self._found(match)
        if _GLOB.search(found):
            rule = "wildcards stand in the spec, where they can be read, not in a value"
            raise Refused(f"{rule}: that of `{match.group()}` holds `*`, `?` or `[`; give it a folder or a file")
        return found

    def _found(self, match: re.Match[str]) -> str:
        kind, name = match.groups()
        found = self.environment.get(name)
        if found is None and kind == "secret" and (folder := self.environment.get("RNN_SECRETS")):
            file = Path(folder) / name
            with _readable(match.group()):
                found = file.read_text().rstrip("\n") if file.is_file() else None
        if found is None:
            where = "the environment" if kind == "env" else "the environment or the folder RNN_SECRETS"
            raise Refused(f"`{match.group()}` has no value: set {name} in {where}")
        self._remember(found, match.group())
        return found

    def _remember(self, value: str, shown: str) -> None:
        """As messages may hold it: as it is, escaped, and as paths are tidied up."""
        for form in (value, str(Path(value))):
            for spelling in (form, repr(form)[1:-1]):
                if len(spelling) >= _SHORTEST_SCRUBBED:
                    self._scrub.setdefault(spelling, shown)

    def _inside(self, path: Path, shown: str) -> Path:
        real = path.resolve()
        if _REFERENCE.search(shown):
            self._remember(str(real), shown)
        allowed = (self.root, *self.roots)
        if not any(real.is_relative_to(root.resolve()) for root in allowed):
            rule = "a path must stay under the project's root or a root named in rnn.toml or RNN_ROOTS"
            raise Refused(f"{rule}: `{shown}` leads outside; move the data or name its folder as a root")
        return real


def no_file(path: Path, check: str = "check the path", several: str | None = None) -> str:
    """What to say of a path that is no file; `several` is how all files of a folder are named, if they can be."""
    if path.is_dir():
        return "this is a folder: name a file in it" + ("" if several is None else f", or {several}")
    return f"there is no such file: {check}"


@contextmanager
def _readable(shown: str) -> Iterator[None]:
    """What the machine says of a path holds the path, resolved: here it is said of `shown`."""
    try:
        yield
    except Refused:
        raise
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=shown) from None
    except (ValueError, RuntimeError):  # a text that is no path, or no UTF-8; links that lead in a circle
        raise DataError("cannot be read: this is no path of a file", file=shown) from None


def fingerprint(files: list[File]) -> dict[str, str]:
    """The sha256 of every file's bytes, by the name that the spec gives it."""
    out = {}
    for file in files:
        with _readable(file.shown), file.path.open("rb") as stream:
            out[file.shown] = hashlib.file_digest(stream, "sha256").hexdigest()
    assert len(out) == len(files), "every file has a name of its own, or one could change unseen"
    return out


def _asked(path: Path, pattern: str) -> bool:
    """Whether a pattern means a file, as in a shell: hidden ones (`.name`, `._name`) only where it says so."""
    said = any(part.startswith(".") for part in pattern.split("/"))
    return said or not any(part.startswith(".") for part in path.parts)


def _is_project(folder: Path) -> bool:
    return (folder / ".git").exists() or (folder / "pyproject.toml").exists()
