"""The concept pages of training. What every page needs is checked with those of the models; here: which there are."""

from pathlib import Path

import pytest

from rnnlib.training import AnyOptimizer, Training
from rnnlib.yaml import read
from tests.rnnlib.families import members

CONCEPTS = Path(__file__).parents[2] / "docs" / "concepts"
TERMS = ("learning-rate", "momentum", "l2", "clipping", "early-stopping", "backward-pass", "epoch-and-batch")


@pytest.mark.parametrize("page", [*TERMS, *members(AnyOptimizer)])
def test_there_is_a_page_with_a_small_picture(page: str) -> None:
    assert (CONCEPTS / f"{page}.md").is_file()
    assert 0 < (CONCEPTS / f"{page}.svg").stat().st_size < 40_000


@pytest.mark.parametrize("kind", members(AnyOptimizer))
def test_the_page_of_an_optimizer_shows_it(kind: str) -> None:
    snippet = (CONCEPTS / f"{kind}.md").read_text().split("```yaml\n")[1].split("```")[0]
    assert Training.model_validate(read(snippet).value["train"]).optimizer.kind == kind
