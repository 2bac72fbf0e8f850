"""The concept pages of times and categories: complete, linked, with snippets that are read, and drawn by their code."""

import importlib.util
import re
from pathlib import Path

import matplotlib
import pytest

from rnnlib.yaml import read
from tasks.encode import Encode
from tasks.load import Load

CONCEPTS = Path(__file__).parents[2] / "docs" / "concepts"
SECTIONS = {"load": Load, "encode": Encode}
_spec = importlib.util.spec_from_file_location("draw_time", CONCEPTS / "draw_time.py")
drawing = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawing)


@pytest.mark.parametrize("page", drawing.PICTURES)
def test_a_page_is_complete_and_its_snippet_holds(page):
    text = (CONCEPTS / f"{page}.md").read_text()
    for part in (r"^# ", r"^```\n.+", rf"^!\[.+\]\({page}\.svg\)", r"^- File: ", r"^- Test: ", r"^- Source: "):
        assert re.search(part, text, re.MULTILINE), f"{page}.md has no {part}"
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (CONCEPTS / target).exists(), f"{page}.md links to {target}"
    (snippet,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    ((name, values),) = read(snippet).value.items()
    SECTIONS[name].model_validate(values)


@pytest.mark.parametrize("page", drawing.PICTURES)
def test_a_picture_is_small_and_drawn_by_the_script(page):
    file = CONCEPTS / f"{page}.svg"
    assert 0 < file.stat().st_size < 40_000
    if matplotlib.__version__ != drawing.MADE_WITH:
        pytest.skip(f"the pictures were drawn with matplotlib {drawing.MADE_WITH}")
    assert drawing.svg(drawing.PICTURES[page]) == file.read_text()
