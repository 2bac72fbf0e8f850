"""The concept pages of the scores: one for each metric, with links that hold, snippets that are read, and pictures."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import matplotlib
import pytest

from rnnlib.metrics.table import METRICS
from rnnlib.yaml import read
from tasks.evaluate import Evaluate

CONCEPTS = Path(__file__).parents[2] / "docs" / "concepts"
PAGES = {name: f"{name}-metric" if name in ("mae", "mse") else name for name in METRICS}  # mae.md is the loss
_spec = importlib.util.spec_from_file_location("draw_metrics", CONCEPTS / "draw_metrics.py")
assert _spec is not None
assert _spec.loader is not None
drawing = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawing)


def test_every_metric_has_a_page_and_every_page_a_picture() -> None:
    assert {*PAGES.values(), "baseline", "confusion-matrix"} == set(drawing.PICTURES)


@pytest.mark.parametrize("page", drawing.PICTURES)
def test_a_page_is_complete_and_its_links_lead_somewhere(page: str) -> None:
    text = (CONCEPTS / f"{page}.md").read_text()
    for part in (r"^# ", r"^```\n.+", rf"^!\[.+\]\({page}\.svg\)", r"^- File: ", r"^- Test: ", r"^- Source: "):
        assert re.search(part, text, re.MULTILINE), f"{page}.md has no {part}"
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (CONCEPTS / target).exists(), f"{page}.md links to {target}"


@pytest.mark.parametrize("page", drawing.PICTURES)
def test_the_snippet_of_a_page_is_a_valid_section_that_shows_it(page: str) -> None:
    (snippet,) = re.findall(r"```yaml\n(.*?)```", (CONCEPTS / f"{page}.md").read_text(), re.DOTALL)
    document = read(snippet)
    assert not document.problems
    section = Evaluate.model_validate({"task": "evaluate", **document.value["evaluate"]})
    named = [name for name, its in PAGES.items() if its == page]
    assert set(named) <= set(section.metrics or ())


@pytest.mark.parametrize("page", drawing.PICTURES)
def test_a_picture_is_small_and_drawn_by_the_script(page: str) -> None:
    file = CONCEPTS / f"{page}.svg"
    assert 0 < file.stat().st_size < 40_000
    if matplotlib.__version__ != drawing.MADE_WITH:
        pytest.skip(f"the pictures were drawn with matplotlib {drawing.MADE_WITH}")
    assert drawing.svg(drawing.PICTURES[page]) == file.read_text()
