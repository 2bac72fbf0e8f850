"""What is wrong with a spec, one line each: `file:line:col  path  message`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from rnnlib.errors import Location, Refused


class SpecProblem(NamedTuple):
    """One thing that is wrong with a spec, and where; `file` is `--set …` for a value that came from the command."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}  {self.path}{'  ' if self.path else ''}{self.message}"


class SpecError(Refused):
    """A spec that cannot be used; `problems` holds every reason at once."""

    def __init__(self, problems: Iterable[SpecProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def written(path: Location) -> str:
    """A path as people write it: `steps.train.model.layers[1].units`."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


def shown(value: Any) -> str:
    """A received value, short enough for a message."""
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
