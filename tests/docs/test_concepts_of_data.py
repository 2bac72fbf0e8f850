"""The concept pages of the data: every normalizer and augmentation has one, links hold, snippets are read."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

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
CALLED = {"quantile": "quantile-normalizer"}
"""Pages of kinds whose name is that of another page: the head of quantiles."""
KIND_OF = {CALLED.get(kind, kind): kind for kind in KINDS}
PAGES = sorted({*KIND_OF, "normalisation", "augmentation", "split", "window", "leakage"})
SECTIONS: dict[str, type[BaseModel]] = {
    "load": Load,
    "split": Split,
    "normalize": Normalize,
    "window": Window,
    "augment": Augment,
}


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, CONCEPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


drawing, normalizers = _script("draw_data"), _script("draw_normalizers")
PICTURES = {**drawing.PICTURES, **normalizers.PICTURES}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_complete_and_its_links_lead_somewhere(page: str) -> None:
    text = (CONCEPTS / f"{page}.md").read_text()
    for part in (r"^# ", r"^```\n.+", r"^!\[.+\]\([\w-]+\.svg\)", r"^- File: ", r"^- Test: ", r"^- Source: "):
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
    assert page not in KIND_OF or f'"kind":"{KIND_OF[page]}"' in section.model_dump_json()


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_is_small_and_drawn_by_the_script(name: str) -> None:
    file = CONCEPTS / f"{name}.svg"
    assert 0 < file.stat().st_size < 40_000
    if matplotlib.__version__ != drawing.MADE_WITH:
        pytest.skip(f"the pictures were drawn with matplotlib {drawing.MADE_WITH}")
    assert drawing.svg(PICTURES[name]) == file.read_text()
