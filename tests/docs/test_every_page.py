"""Every part has its page, every page is listed, every link leads somewhere, every command and spec shown exists."""

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from flows.cli.main import app
from flows.spec import Spec
from rnnlib.part import families
from rnnlib.yaml import read

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "pipelines" / "data" / "README.md", *(ROOT / "docs").rglob("*.md")])
CONCEPTS = ROOT / "docs" / "concepts"
ELSEWHERE = {"task": "spec.md", "source": "data.md", "split": "data.md"}
"""Families that are no terms of recurrent networks: the page of the user's job explains their members."""


def _name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("family", sorted(families(Spec)))
def test_every_part_has_a_page(family):
    for kind in families(Spec)[family]:
        if family in ELSEWHERE:
            assert f"`{kind}`" in (ROOT / "docs" / ELSEWHERE[family]).read_text(), f"{ELSEWHERE[family]} lacks {kind}"
        else:
            assert (CONCEPTS / f"{kind}.md").is_file(), f"docs/concepts/{kind}.md is missing"


def test_every_concept_is_listed():
    listed = set(re.findall(r"\]\(([\w-]+)\.md\)", (CONCEPTS / "README.md").read_text()))
    assert listed == {path.stem for path in CONCEPTS.glob("*.md")} - {"README"}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{_name(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_yaml_on_pages_is_yaml(page):
    for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL):
        if "…" not in block:
            assert read(block).problems == (), block


def test_every_command_on_a_page_exists():
    known = {command.name or command.callback.__name__ for command in app.registered_commands} | {"models"}
    known = {name.replace("_", "-") for name in known}
    for page in PAGES:
        for name in re.findall(r"^(?:\$ )?rnn ([a-z]+)", page.read_text(), re.MULTILINE):
            assert name in known, f"{_name(page)} shows `rnn {name}`"


def test_every_twin_in_python_is_a_function():
    lines = (ROOT / "docs" / "commands.md").read_text().splitlines()
    cells = [line.split("|")[3] for line in lines if line.startswith("| `rnn ")]
    names = [name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)]
    assert len(names) >= len(cells) > 10
    for name in names:
        module, _, function = name.rpartition(".")
        assert callable(getattr(import_module(module), function)), name


def test_every_model_is_in_the_tables_of_the_spec():
    page = (ROOT / "docs" / "spec.md").read_text().splitlines()
    (trained,) = [line for line in page if line.startswith("| `train` |")]
    (listed,) = [line for line in page if line.startswith("| models |")]
    for kind in families(Spec)["model"]:
        assert kind.replace("_", " ") in trained, kind
        assert f"[{kind}](" in listed, kind


def test_setting_up_says_what_it_does_and_what_the_readme_says_it_takes(tmp_path):
    steps = subprocess.run(
        ["make", "-n", "run", f"VENV={tmp_path / 'new'}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    told = re.search(r"echo \"(.*)\"", steps)
    assert told is not None
    assert steps.index(told[0]) < steps.index("pip install")
    for figure in (r"\d+ GB", r"\w+ minutes"):
        said, wrote = (re.search(figure, text) for text in (told[1], (ROOT / "README.md").read_text()))
        assert said is not None
        assert wrote is not None
        assert said[0] == wrote[0]


def within(part, whole, path=""):
    """Every value of `part` that stands otherwise in `whole`."""
    if isinstance(part, dict):
        return [found for key in part for found in within(part[key], (whole or {}).get(key), f"{path}.{key}")]
    return [] if part == whole else [path]


def test_the_readme_shows_the_main_job():
    block = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    shown, ships = (read(text).value for text in (block[1], (ROOT / "pipelines" / "co2-forecast.yaml").read_text()))
    assert within(shown, ships) == []
