"""`--set path=value`: typed changes to a spec from the command line, shown in `rnn render`."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from flows.problems import SpecProblem
from rnnlib.errors import Location
from rnnlib.yaml import read

_TOP = ("version", "name", "seed", "steps", "track")


class Override(NamedTuple):
    """One `--set`: the path it changes and how it was written."""

    path: Location
    text: str


def applied(document: Any, texts: Sequence[str]) -> tuple[Any, tuple[Override, ...], list[SpecProblem]]:
    """A copy of `document` with the overrides applied, in order; a path starts at a step's name or at the top."""
    values = copy.deepcopy(document)
    sets: list[Override] = []
    problems: list[SpecProblem] = []
    for text in texts:
        name, equals, written = text.partition("=")
        path = _path(name)
        value = read(written)
        if not equals or path is None or value.problems:
            rule = "expected `path=value`, such as `train.optimizer.learning_rate=1e-4`"
            problems.append(SpecProblem(f"--set {text}", 1, 1, "", rule))
            continue
        path = path if path[0] in _TOP else ("steps", *path)
        fault = _put(values, path, None if written.strip() in ("null", "~") else _plain(value.value, written))
        if fault:
            problems.append(SpecProblem(f"--set {text}", 1, 1, name, fault))
        sets.append(Override(path, text))
    return values, tuple(sets), problems


def _plain(value: Any, written: str) -> Any:
    return "" if written.strip() == "" else value


def _path(name: str) -> Location | None:
    if not re.fullmatch(r"[A-Za-z_][\w-]*(\.[A-Za-z_0-9][\w-]*|\[\d+\])*", name):
        return None
    parts = re.findall(r"[\w-]+", name)
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _put(values: Any, path: Location, value: Any) -> str | None:
    """Sets `path`; says what is wrong where it leads through something that is not there."""
    node = values
    for position, part in enumerate(path[:-1]):
        if isinstance(node, list) and isinstance(part, int):
            if part >= len(node):
                return f"there are {len(node)} items, none has the number {part} (they count from 0)"
            node = node[part]
        elif isinstance(node, dict) and isinstance(part, str):
            if path[0] == "steps" and position == 1 and part not in node:
                return f"there is no step `{part}`: steps are {', '.join(node)}"
            if node.get(part) is None:
                node[part] = {}
            node = node[part]
        else:
            return f"`{part}` leads into a plain value: name a field of a section"
    last = path[-1]
    a_key = isinstance(node, dict) and isinstance(last, str)
    an_item = isinstance(node, list) and isinstance(last, int) and last < len(node)
    if not (a_key or an_item):
        return f"`{last}` leads into a plain value: name a field of a section"
    node[last] = value
    return None
