"""The concept pages of training. What every page needs is checked with those of the models; here: which there are."""

from pathlib import Path

import pytest

from rnnlib.training import AnyOptimizer, AnyPenalty, AnySchedule, Training
from rnnlib.yaml import read
from tests.rnnlib.families import members

CONCEPTS = Path(__file__).parents[2] / "docs" / "concepts"
TERMS = ("learning-rate", "momentum", "l2", "clipping", "early-stopping", "backward-pass", "epoch-and-batch")
MORE = ("schedule", "accumulation", "mixed-precision", "weight-average")
SCHEDULES = [kind for kind in members(AnySchedule) if kind != "constant"]  # its page is `schedule`


@pytest.mark.parametrize("page", [*TERMS, *MORE, *SCHEDULES, *members(AnyOptimizer), *members(AnyPenalty)])
def test_there_is_a_page_with_a_small_picture(page: str) -> None:
    assert (CONCEPTS / f"{page}.md").is_file()
    assert 0 < (CONCEPTS / f"{page}.svg").stat().st_size < 40_000


@pytest.mark.parametrize("kind", members(AnyOptimizer))
def test_the_page_of_an_optimizer_shows_it(kind: str) -> None:
    snippet = (CONCEPTS / f"{kind}.md").read_text().split("```yaml\n")[1].split("```")[0]
    assert Training.model_validate(read(snippet).value["train"]).optimizer.kind == kind


def section(page: str) -> Training:
    snippet = (CONCEPTS / f"{page}.md").read_text().split("```yaml\n")[1].split("```")[0]
    return Training.model_validate(read(snippet).value["train"])


@pytest.mark.parametrize("kind", SCHEDULES)
def test_the_page_of_a_schedule_shows_it(kind: str) -> None:
    assert section(kind).schedule.kind == kind


@pytest.mark.parametrize("kind", members(AnyPenalty))
def test_the_page_of_a_penalty_shows_it(kind: str) -> None:
    assert kind in [penalty.kind for penalty in section(kind).penalty]
