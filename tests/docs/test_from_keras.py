"""The page for people who come from Keras shows the spec that ships, and Keras' own defaults are ours."""

from __future__ import annotations

import re
from pathlib import Path

from flows.check import check, check_text
from rnnlib.training.optimizers import RMSprop

ROOT = Path(__file__).parents[2]


def test_the_spec_on_the_page_is_the_one_that_ships() -> None:
    page = (ROOT / "docs" / "from-keras.md").read_text()
    (text,) = re.findall(r"```yaml\n(version: 1\n.*?)```", page, re.DOTALL)
    file = ROOT / "pipelines" / "keras-example.yaml"
    assert check_text(text, file, "the page").spec == check(file).spec


def test_rmsprop_has_the_defaults_of_keras() -> None:
    ours = RMSprop()
    assert (ours.learning_rate, ours.decay, ours.epsilon, ours.momentum) == (1e-3, 0.9, 1e-7, 0.0)


def test_links_of_the_page_lead_somewhere() -> None:
    page = (ROOT / "docs" / "from-keras.md").read_text()
    assert [target for target in re.findall(r"\]\(([^)#:]+)\)", page) if not (ROOT / "docs" / target).exists()] == []
