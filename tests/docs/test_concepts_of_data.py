"""The concept pages of the data: every normalizer and augmentation has one, links hold, snippets are read."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import matplotlib
import pytest
from pydantic import BaseModel

from rnnlib.data.augmentations import AnyAugmentation
from rnnlib.data.normalizers import AnyNormalizer
from rnnlib.yaml import read
from tasks.augment import Augment
from tasks.load import Load
from tasks.normalize import Normalize
from tasks.split import Split
from tasks.window import Window
from tests.rnnlib.families import members

CONCEPTS = Path(__file__).parents[2] / "docs" / "concepts"
KINDS = sorted({*members(AnyNormalizer), *members(AnyAugmentation)})
PAGES = sorted({*KINDS, "normalisation", "augmentation", "split", "window", "leakage"})
SECTIONS: dict[str, type[BaseModel]] = {
    "load": Load,
    "split": Split,
    "normalize": Normalize,
    "window": Window,
    "augment": Augment,
}
_spec = importlib.util.spec_from_file_location("draw_data", CONCEPTS / "draw_data.py")
assert _spec is not None
assert _spec.loader is not None
drawing = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawing)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_complete_and_its_links_lead_somewhere(page: str) -> None:
    text = (CONCEPTS / f"{page}.md").read_text()
    for part in (r"^# ", r"^```\n.+", r"^!\[.+\]\(\w+\.svg\)", r"^- File: ", r"^- Test: ", r"^- Source: "):
        assert re.search(part, text, re.MULTILINE), f"{page}.md has no {part}"
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (CONCEPTS / target).exists(), f"{page}.md links to {target}"


@pytest.mark.parametrize("page", PAGES)
def test_the_snippet_of_a_page_is_a_valid_section_that_shows_it(page: str) -> None:
    (snippet,) = re.findall(r"```yaml\n(.*?)```", (CONCEPTS / f"{page}.md").read_text(), re.DOTALL)
    document = read(snippet)
    assert not document.problems
    ((name, values),) = document.value.items()
    section = SECTIONS[name].model_validate(values)
    assert page not in KINDS or f'"kind":"{page}"' in section.model_dump_json()


@pytest.mark.parametrize("name", sorted(drawing.PICTURES))
def test_a_picture_is_small_and_drawn_by_the_script(name: str) -> None:
    file = CONCEPTS / f"{name}.svg"
    assert 0 < file.stat().st_size < 40_000
    if matplotlib.__version__ != drawing.MADE_WITH:
        pytest.skip(f"the pictures were drawn with matplotlib {drawing.MADE_WITH}")
    assert drawing.svg(drawing.PICTURES[name]) == file.read_text()
