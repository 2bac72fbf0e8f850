"""Reads a spec and finds everything that is wrong with it at once, without data and without a server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.chain import Chain, compiled, fitted
from flows.findings import Finding, validated
from flows.known import known_steps
from flows.overrides import Override, applied
from flows.problems import SpecError, SpecProblem, written
from flows.spec import Spec
from rnnlib.errors import Location
from rnnlib.place import Place, no_file
from rnnlib.yaml import Document, Mark, read
from tasks.base import Complaint


@dataclass(frozen=True)
class Checked:
    """A spec that holds: the file as it was written, its value, its chain, and where it may reach."""

    file: Path
    shown: str
    text: str
    document: Document
    spec: Spec
    chain: Chain
    place: Place
    overrides: tuple[Override, ...] = field(default=())

    def problem(self, path: Location, message: str) -> SpecProblem:
        """What turned out wrong later (with the data), at its place in the file."""
        return _located(self.shown, self.document, self.overrides, path, message)


def check(file: Path | str, overrides: Sequence[str] = ()) -> Checked:
    """The checked spec in `file`, with `--set` overrides (`train.epochs=3`) applied.

    Raises `SpecError` with every problem at once: the file's syntax, its fields, its chain.
    """
    shown_as, file = str(file), Path(file)
    if not file.is_file():
        raise SpecError([SpecProblem(shown_as, 1, 1, "", no_file(file))])
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise SpecError([SpecProblem(shown_as, line, 1, "", "a spec is UTF-8 text: save it as UTF-8")]) from error
    return check_text(text, file, shown_as, overrides)


def check_text(text: str, file: Path, shown_as: str, overrides: Sequence[str] = ()) -> Checked:
    """The checked spec in `text`, as if it stood in `file`."""
    document = read(text)
    if document.value is None and document.problems:
        raise SpecError(_misread(shown_as, document))
    values, sets, problems = applied(document.value, overrides)
    spec, found = validated(values)
    misread = list(_misread(shown_as, document))
    chain, complaints = compiled(spec) if spec is not None else (None, _complaints(values, found))
    if misread:  # steps may be missing that the file has: the chain is not known
        complaints = []
    findings = {*found.values(), *((("steps", one.step, *one.at), one.message, not one.at) for one in complaints)}
    located = {_located(shown_as, document, sets, path, message, key=key) for path, message, key in findings}
    located |= {*misread, *problems}
    if spec is None or chain is None or located:
        raise SpecError(sorted(located, key=lambda problem: (problem.file != shown_as, *problem[1:3], problem.path)))
    return Checked(file, shown_as, text, document, spec, chain, Place.of(file), sets)


def _complaints(values: Any, found: Mapping[tuple[Location, str], Finding]) -> list[Complaint]:
    """What does not fit in the chain of a spec that does not hold, as far as it is known."""
    wrong = [path for path, kind in found if kind != "tag" or len(path) > 2]
    steps = known_steps(values, wrong) if isinstance(values, dict) else None
    return fitted(steps)[1] if steps is not None else []


def _misread(shown_as: str, document: Document) -> Iterator[SpecProblem]:
    """What is wrong with the file as YAML."""
    for mark, path, message in document.problems:
        yield SpecProblem(shown_as, mark.line, mark.column, written(path), message)


def _located(
    shown_as: str,
    document: Document,
    overrides: tuple[Override, ...],
    path: Location,
    message: str,
    *,
    key: bool = False,
) -> SpecProblem:
    for one in overrides:
        if path[: len(one.path)] == one.path:
            return SpecProblem(f"--set {one.text}", 1, 1, written(path), message)
    mark: Mark = document.mark(path, key=key)
    return SpecProblem(shown_as, mark.line, mark.column, written(path), message)
