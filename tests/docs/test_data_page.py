"""docs/data.md: every snippet is a valid section, every role and every way to split is named, links hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.splits import AnySplit
from rnnlib.yaml import read
from tasks.augment import Augment
from tasks.encode import Encode
from tasks.load import Load
from tasks.normalize import Normalize
from tasks.split import Split
from tasks.window import Window
from tests.rnnlib.families import members

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "data.md").read_text()
SNIPPETS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SECTIONS: dict[str, type[BaseModel]] = {
    "load": Load,
    "split": Split,
    "encode": Encode,
    "normalize": Normalize,
    "window": Window,
    "augment": Augment,
}


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_every_snippet_is_a_valid_section(snippet: str) -> None:
    document = read(snippet)
    assert not document.problems
    for name, values in document.value.items():
        SECTIONS[name].model_validate(values)


def test_every_role_is_explained() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)) == set(Roles.model_fields)


def test_every_way_to_split_and_to_fill_is_shown() -> None:
    for by in members(AnySplit):
        assert f"by: {by}" in PAGE
    for fill in Missing.model_json_schema()["properties"]["fill"]["enum"]:
        assert f"| `{fill}` |" in PAGE


def test_links_lead_somewhere() -> None:
    assert [target for target in re.findall(r"\]\(([^)#:]+)\)", PAGE) if not (DOCS / target).exists()] == []
