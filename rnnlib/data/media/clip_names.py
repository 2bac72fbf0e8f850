"""What the names of files say: `{digit}_{speaker}_{index}.wav`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field

_PLACE = re.compile(r"\{([^{}]*)\}")


def _readable(pattern: str) -> str:
    """The pattern itself; raises `ValueError` where it does not say which text belongs to which column."""
    names, between = _PLACE.findall(pattern), _PLACE.split(pattern)[::2]
    if not names or "{" in "".join(between) or "}" in "".join(between):
        raise ValueError(f"columns stand in braces, `{{label}}/{{clip}}`: received {pattern!r}")
    if "" in between[1:-1]:
        raise ValueError(f"something must stand between two columns, or nobody knows where one ends: {pattern!r}")
    if odd := [name for name in names if not name.isidentifier() or names.count(name) > 1]:
        raise ValueError(f"every column has a name of its own, of letters, digits and `_`: received {odd[0]!r}")
    return pattern


NamePattern = Annotated[str, Field(min_length=3, max_length=1000), AfterValidator(_readable)]
"""Columns in braces, between the texts that part them; it is held against as many folders as it has `/`."""


def columns_of(pattern: str) -> list[str]:
    """The columns that a pattern names."""
    return _PLACE.findall(pattern)


def read_name(pattern: str, path: str) -> dict[str, str] | None:
    """What the end of a path says of each column; none where it does not fit.

    A column ends where the text behind it first occurs, the last one where the pattern's last text begins.
    """
    text = "/".join(PurePosixPath(path).parts[-1 - pattern.count("/") :])
    first, *rest = _PLACE.split(pattern)
    found: dict[str, str] = {}
    if not text.startswith(first):
        return None
    text = text[len(first) :]
    for name, behind in zip(rest[0::2], rest[1::2], strict=True):
        end = len(text) - len(behind) if len(found) == len(rest) // 2 - 1 else text.find(behind)
        if end < 1 or not text.startswith(behind, end) or "/" in text[:end]:
            return None
        found[name], text = text[:end], text[end + len(behind) :]
    return found
