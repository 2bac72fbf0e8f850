"""The concept pages of cells, layers, heads, losses and models: complete, linked, with snippets that are read."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from rnnlib.layers import AnyLayer
from rnnlib.models import AnyModel
from rnnlib.models.heads import AnyClassHead, AnyForecastHead, AnyStepHead, AnyValueHead
from rnnlib.models.losses import AnyLoss
from rnnlib.training.section import Training
from rnnlib.yaml import read
from tasks.encode import Encode
from tests.rnnlib.families import members

CONCEPTS = Path(__file__).parents[2] / "docs" / "concepts"
FAMILIES = (AnyLayer, AnyModel, AnyLoss, AnyForecastHead, AnyClassHead, AnyValueHead, AnyStepHead)
SECTIONS = {"train": Training, "encode": Encode}
KINDS = sorted({kind for family in FAMILIES for kind in members(family)})


def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("concept_drawings", CONCEPTS / "draw.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = sorted(drawing().pictures())


def test_every_part_has_a_page_and_every_page_a_picture() -> None:
    assert set(KINDS) <= set(PAGES)
    for page in PAGES:
        assert (CONCEPTS / f"{page}.md").is_file()
        assert 0 < (CONCEPTS / f"{page}.svg").stat().st_size < 40_000


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_complete_and_its_links_lead_somewhere(page: str) -> None:
    text = (CONCEPTS / f"{page}.md").read_text()
    for part in (r"^# ", r"^```\n.+", rf"^!\[.+\]\({page}\.svg\)", r"^- File: ", r"^- Test: ", r"^- Source: "):
        assert re.search(part, text, re.MULTILINE), f"{page}.md has no {part}"
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (CONCEPTS / target).exists(), f"{page}.md links to {target}"


@pytest.mark.parametrize("page", PAGES)
def test_the_snippet_of_a_page_is_a_valid_section_that_shows_it(page: str) -> None:
    (snippet,) = re.findall(r"```yaml\n(.*?)```", (CONCEPTS / f"{page}.md").read_text(), re.DOTALL)
    document = read(snippet)
    assert not document.problems
    name = next(name for name in SECTIONS if name in document.value)
    section = SECTIONS[name].model_validate(document.value[name])
    if page in KINDS:
        assert f'"kind":"{page}"' in section.model_dump_json()


@pytest.mark.parametrize("page", ["cell", "activation", "initialisation", "dropout"])
def test_a_picture_is_drawn_the_same_every_time(page: str, tmp_path: Path) -> None:
    draw: Callable[[str, Path], Path] = drawing().draw
    one, other = (draw(page, tmp_path).read_bytes() for _ in range(2))
    assert one == other
