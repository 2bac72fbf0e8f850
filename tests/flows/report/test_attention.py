"""The report draws what a model with attention looked at, and nothing where there is none."""

from pathlib import Path

import numpy as np
import pytest

from flows.report.attention import attention_pictures
from flows.report.page import rendered
from flows.report.scores import evaluations
from rnnlib.bundle import open_bundle
from rnnlib.data.batching.windows import window_starts
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.predictor import Predictor
from tests.flows.report.page import Page
from tests.flows.report.samples import LAYERS, forecast_run

ATTENDING = ({"kind": "time_attention"}, {"kind": "gru", "units": 4}, {"kind": "attention", "heads": 2})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def test_every_module_is_drawn_for_three_cases(home: Path) -> None:
    run = forecast_run(home, layers=ATTENDING)
    (evaluation,) = evaluations(run)
    pictures = attention_pictures(run, evaluation, 0)
    data = DataSet.open(home / "key-of-window")
    count = len(window_starts(data, PartOf.test).horizon_start)
    cases = (1, count // 2 + 1, count)
    assert [one.caption for one in pictures] == [
        f"{name}, case {case} of test" for name in ("layers.0", "layers.2") for case in cases
    ]
    page = Page(rendered(run))
    assert "What the model looked at" in page.text
    assert len(page.ids) == len(set(page.ids))


def test_the_darkest_cell_is_the_largest_weight(home: Path) -> None:
    run = forecast_run(home, layers=ATTENDING)
    (evaluation,) = evaluations(run)
    first = attention_pictures(run, evaluation, 0)[0]
    data = DataSet.open(home / "key-of-window")
    starts = window_starts(data, PartOf.test).horizon_start[:1]
    model = Predictor(open_bundle(home / "key-of-train" / "bundle"))
    weights = model.attention_weights(data, starts)["layers.0"].cases[0]
    shown = np.sum(weights > weights.max() / 100)
    assert first.svg.count("var(--model)") >= shown


def test_a_model_without_attention_has_no_such_section(home: Path) -> None:
    run = forecast_run(home, layers=LAYERS)
    (evaluation,) = evaluations(run)
    assert attention_pictures(run, evaluation, 0) == []
    assert "What the model looked at" not in rendered(run)
