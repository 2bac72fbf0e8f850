"""docs/dependencies.md names every dependency of pyproject.toml with its bounds, and no other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ROW = re.compile(
    r"^\| (?P<name>[a-z0-9.-]+) \| `(?P<bounds>[^`]+)` \| (?P<licence>[^|]+) \| (?P<why>[^|]+) \| (?P<else>[^|]+) \|$"
)


def _rows(heading: str) -> dict[str, str]:
    text = (ROOT / "docs" / "dependencies.md").read_text()
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = (ROW.match(line) for line in section.splitlines())
    return {match["name"]: match["bounds"] for match in found if match}


def _bounds(requirement: str) -> tuple[str, str]:
    match = re.match(r"([a-zA-Z0-9._-]+)(.*)", requirement)
    assert match is not None
    return match[1], match[2]


@pytest.mark.parametrize(
    ("heading", "requirements"),
    [("To run", PROJECT["dependencies"]), ("To develop", PROJECT["optional-dependencies"]["dev"])],
)
def test_every_dependency_has_its_reason(heading: str, requirements: list[str]) -> None:
    assert _rows(heading) == dict(map(_bounds, requirements))


def test_the_page_names_every_extra() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text()
    section = text.split("## Where it is asked for\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([a-z0-9.-]+) \| `rnnlib\[([a-z]+)\]` \| `([^`]+)` \|", section, re.MULTILINE)
    extras = {name: one for name, one in PROJECT["optional-dependencies"].items() if name != "dev"}
    assert {(name, extra, bounds) for name, extra, bounds in rows} == {
        (name, extra, bounds) for extra, wanted in extras.items() for name, bounds in map(_bounds, wanted)
    }
