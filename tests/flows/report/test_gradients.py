import json
from pathlib import Path
from typing import Any

import pytest

from flows.report.gradients import gradient_pictures, warnings
from flows.report.page import rendered
from tests.flows.report.samples import forecast_run


def look(epoch: int, norms: list[float | None], **layers: float) -> dict[str, Any]:
    steps = [at + 1 for at in range(len(norms))]
    return {"epoch": epoch, "batch": 1, "layers": layers, "along": {"layers.0.0": {"steps": steps, "norms": norms}}}


LOOKS = [look(1, [1e-6, 1e-3, 1.0], head=1.0), look(2, [1e-3, 0.1, 1.0], head=0.5)]
MESSAGE = "gradients vanish in `layers.0.0`: a thousandth is left after 3 of 200 steps back in time; try `gru`"
HISTORY = {"gradients": {"seen": LOOKS, "flags": [{"kind": "vanishing", "layer": "layers.0.0", "message": MESSAGE}]}}


def test_both_are_drawn_with_their_layers_named() -> None:
    along, layers = gradient_pictures("curve0", HISTORY)
    assert "layers.0.0" in along.svg
    assert "steps back" in along.svg
    assert "In layers.0.0 it is 1.0e-03 at the start and 1.0e+00 at the end." in along.alt
    assert "head" in layers.svg


@pytest.mark.parametrize(
    ("looks", "count"),
    [
        ([], 0),
        ([look(1, [0.0, 0.0], head=0.0)], 0),
        ([look(1, [None, 1.0], head=1.0)], 2),
        ([look(1, [None], head=0.0)], 0),
        ([look(1, [0.5], head=1.0)], 2),
    ],
)
def test_odd_looks_are_drawn_or_left_out(looks: list[dict[str, Any]], count: int) -> None:
    assert len(gradient_pictures("curve0", {"gradients": {"seen": looks, "flags": []}})) == count


def test_histories_without_looks_have_neither_pictures_nor_warnings() -> None:
    assert gradient_pictures("curve0", {"epochs": []}) == []
    assert warnings({"epochs": []}) == ()
    assert warnings(HISTORY) == (MESSAGE,)


def test_the_page_shows_pictures_and_what_to_try(tmp_path: Path) -> None:
    run = forecast_run(tmp_path)
    (file,) = tmp_path.rglob("history.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), **HISTORY}))
    page = rendered(run)
    assert "by steps back from the end" in page
    assert "gradients vanish in <code>layers.0.0</code>" in page
