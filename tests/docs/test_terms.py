"""Every term that this library sets out to explain has a page with all that makes it understood."""

import re
from pathlib import Path

import pytest

from flows.spec import Spec
from rnnlib.part import families
from rnnlib.training.section import Training
from rnnlib.yaml import read

ROOT = Path(__file__).resolve().parents[2]
CONCEPTS = ROOT / "docs" / "concepts"
TERMS = {
    "cell": "cell",
    "gate": "gate",
    "activation": "activation",
    "depth": "depth",
    "memory cell": "memory-cell",
    "loss": "loss",
    "learning rate": "learning-rate",
    "bias": "bias",
    "parameters": "parameters",
    "forward pass": "forward-pass",
    "backward pass": "backward-pass",
    "backpropagation through time": "backpropagation-through-time",
    "vanishing gradients": "vanishing-gradients",
    "exploding gradients": "exploding-gradients",
    "initialisation": "initialisation",
    "normalisation": "normalisation",
    "clipping": "clipping",
    "attention": "attention",
    "dropout": "dropout",
    "momentum": "momentum",
    "adam": "adam",
    "L2": "l2",
}
STEPS = families(Spec)["task"]


def text(page):
    return (CONCEPTS / f"{page}.md").read_text()


def linked(page, line, under):
    """The files that a line of the page links to, seen from the root."""
    (found,) = re.findall(rf"^- {line}: (.+?)(?=^- |\Z)", text(page), re.MULTILINE | re.DOTALL)
    files = [(CONCEPTS / target).resolve().relative_to(ROOT) for target in re.findall(r"\]\(([^)]+)\)", found)]
    return [file for file in files if file.parts[0] == under]


@pytest.mark.parametrize("page", TERMS.values(), ids=TERMS)
def test_a_term_has_its_equation(page):
    fenced = re.findall(r"^```(\w*)\n(.+?)^```$", text(page), re.MULTILINE | re.DOTALL)
    equations = [block for language, block in fenced if not language and re.search(r"[=≤←]", block)]
    assert equations, f"{page}.md shows no equation"


@pytest.mark.parametrize("page", TERMS.values(), ids=TERMS)
def test_a_term_names_the_file_that_does_it(page):
    files = linked(page, "Files?", "rnnlib")
    assert files, f"{page}.md names no file of rnnlib"
    assert all((ROOT / file).is_file() and file.suffix == ".py" for file in files), files


@pytest.mark.parametrize("page", TERMS.values(), ids=TERMS)
def test_a_term_names_the_test_that_holds_it_to_an_oracle(page):
    files = linked(page, "Tests?", "tests")
    assert files, f"{page}.md names no test"
    for file in files:
        assert file.name.startswith("test_"), file
        assert "def test_" in (ROOT / file).read_text(), file


@pytest.mark.parametrize("page", TERMS.values(), ids=TERMS)
def test_a_term_has_a_spec_that_validates(page):
    snippets = re.findall(r"```yaml\n(.*?)```", text(page), re.DOTALL)
    assert snippets, f"{page}.md shows no spec"
    for snippet in snippets:
        document = read(snippet)
        assert not document.problems, snippet
        steps = {step: section for step, section in document.value.items() if step not in Spec.model_fields}
        assert steps, snippet
        for step, section in steps.items():
            (Training if step == "train" else STEPS[step]).model_validate(section)


@pytest.mark.parametrize("page", TERMS.values(), ids=TERMS)
def test_a_term_has_a_picture(page):
    assert f"]({page}.svg)" in text(page)
    picture = (CONCEPTS / f"{page}.svg").read_text()
    assert "<svg" in picture
    assert "</svg>" in picture
