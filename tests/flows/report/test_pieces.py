"""The pieces of a report: words, lines, windows, pictures, scores."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import matplotlib
import numpy as np
import polars as pl
import pytest

from flows.report.axes import along, runs, thinned
from flows.report.data import data_view
from flows.report.drawing import MODEL, drawn
from flows.report.facts import StepFacts
from flows.report.forecasts import forecast_pictures
from flows.report.model import models
from flows.report.scores import evaluations
from flows.report.windows import chosen
from flows.report.wording import coded, counted, number, size, span, started
from rnnlib.bundle import save_bundle
from rnnlib.models import Forecaster
from tests.flows.report.samples import class_run, forecast_run
from tests.rnnlib.data.made import series as rows
from tests.rnnlib.metrics.samples import series
from tests.rnnlib.models.test_category_vectors import SHAPE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1234567, "1,234,567"), (0.0, "0.000"), (0.42006, "0.4201"), (12.3456, "12.35"), (98765.4, "98,765"),
        (1e9, "1e+09"), (2e-5, "2e-05"), (-0.5, "-0.5000"), (None, "–"), (float("nan"), "–"), ("as it is", "as it is"),
        (True, "True"),
    ],
)  # fmt: skip
def test_numbers_have_four_digits(value, text) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.44, "0.4 s"), (41.3, "41 s"), (125, "2 min 5 s"), (4200, "1 h 10 min"), (90_000, "25 h 0 min")],
)
def test_spans_read_as_people_say_them(seconds, text) -> None:
    assert span(seconds) == text


def test_words() -> None:
    assert (counted(1, "window"), counted(2284, "window")) == ("1 window", "2,284 windows")
    assert (size(312_000), size(1_400_000), size(2_300)) == ("312 KB", "1.4 MB", "2.3 KB")
    assert (started("accuracy"), started("sMAPE"), started("MASE")) == ("Accuracy", "sMAPE", "MASE")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain <b>", "plain &lt;b&gt;"), ("`a`", "<code>a</code>"),
        ("x `a<` y `b`", "x <code>a&lt;</code> y <code>b</code>"),
        ("odd ` one", "odd ` one"), ("`a` and ` open", "<code>a</code> and ` open"),
    ],
)  # fmt: skip
def test_what_stands_between_backticks_is_code(text, html) -> None:
    assert coded(text) == html


def test_a_thinned_line_keeps_its_peaks_and_its_gaps() -> None:
    values = np.sin(np.arange(50_000) / 9)
    values[31_234], values[7], values[20_000:21_000] = 99, -77, np.nan
    at, kept = thinned(np.arange(50_000), values)
    assert len(at) <= 1400
    assert np.nanmax(kept) == 99
    assert np.nanmin(kept) == -77
    assert np.isnan(kept).any()
    assert (np.diff(at) > 0).all()
    assert thinned(at[:9], kept[:9])[0] is not at


def test_runs_of_equal_neighbours() -> None:
    assert runs(np.array([0, 0, 1, 2, 2])) == [(0, 0, 2), (1, 2, 3), (2, 3, 5)]
    assert runs(np.array([], int)) == []


def test_rows_stand_at_their_times_or_their_steps() -> None:
    data = series()
    assert along(data, np.array([0, 60]))[0] == along(data, np.array([60]))[0] == np.datetime64("2020-09-13T12:26:40")
    timeless = data.with_about(time=None)
    assert along(timeless, np.array([0, 59, 60])).tolist() == [0, 59, 0]


def _windows(errors: list[float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "window": list(range(len(errors))), "series": "a", "step": 1, "row": [10 + n for n in range(len(errors))],
            "column": "v", "truth": [float(n % 2) if error is not None else None for n, error in enumerate(errors)],
            "forecast": [float(n % 2) + (error or 0) for n, error in enumerate(errors)],
        }
    )  # fmt: skip


def test_windows_are_shown_from_the_best_to_the_worst_and_the_latest() -> None:
    found = chosen(_windows([5, 3, 1, 4, 2, None, 2.5]))
    ranks = {window.rank: window.lines["window"][0] for window in found}
    assert ranks == {"best": 2, "better than most": 4, "median": 6, "worse than most": 3, "worst": 0}
    latest = chosen(_windows([5, 3, 1, 4, 2, 3.5]))
    assert latest[-1].rank == "latest"
    assert latest[-1].rows.tolist() == [15]
    assert [window.rank for window in chosen(_windows([1, 2]))] == ["best", "worst"]
    assert chosen(_windows([None])) == []


def test_the_error_of_a_window_counts_in_its_series_own_spread() -> None:
    small = _windows([1, 3, 2]).with_columns(series=pl.lit("small"))
    truth = pl.col("truth") * 1000
    large = small.with_columns(
        series=pl.lit("large"), window=pl.col("window") + 3, truth=truth, forecast=truth + 10 * pl.col("forecast")
    )
    found = chosen(pl.concat([small, large]))
    assert found[-1].lines["series"][0] == "small"


def test_a_picture_has_ids_of_its_own_and_the_colours_of_the_page() -> None:
    def paint(figure):
        axes = figure.add_subplot()
        axes.plot([0, 1], [0.12345, 0.12346], color=MODEL)
        axes.scatter([0, 1], [0, 1])
        axes.set_title("$x_2$ <b>")

    one, other = drawn("one", paint, alt="a"), drawn("other", paint, alt="a", wide=True)
    assert "var(--model)" in one.svg
    assert "#0" not in one.svg.replace("url(#", "").replace('href="#', "")
    assert "$x_2$ &lt;b&gt;" in one.svg
    assert one.narrow is None
    assert other.narrow is not None
    assert 'id="one-' in one.svg
    assert 'id="one-' not in other.svg
    assert "<style" not in one.svg
    assert drawn("one", paint, alt="a") == one


def test_scores_that_lose_to_a_baseline_say_so(tmp_path) -> None:
    facts = forecast_run(tmp_path)
    file = facts.steps[3].folder / "scores.json"
    scores = json.loads(file.read_text())
    scores["parts"]["test"]["model"]["mase"] = 2.0
    scores["parts"]["test"]["baselines"] = {name: {"mase": 1.6, "mae": None} for name in ("naive", "drift")}
    scores["parts"]["test"]["left_out"] = {"seasonal_naive": "no `season`"}
    file.write_text(json.dumps(scores))
    (found,) = evaluations(facts)
    assert found.sentence == "MASE on test: 2.000, 25 % higher than naive (1.600), the best baseline."
    assert found.won is False
    test = found.tables[0]
    assert test.part == "test"
    assert [(row.name, row.cells[0].best) for row in test.rows] == [("model", False), ("naive", True), ("drift", True)]
    assert [cell.text for cell in test.rows[1].cells] == ["1.600", "–"]
    assert test.notes == ("seasonal naive is left out: no `season`.",)
    scores["parts"]["test"]["baselines"] = {}
    file.write_text(json.dumps(scores))
    (found,) = evaluations(facts)
    assert (found.won, found.sentence) == (None, "MASE on test: 2.000; no baseline could be computed.")


def test_a_score_that_should_be_high_is_compared_without_percent(tmp_path) -> None:
    (found,) = evaluations(class_run(tmp_path))
    assert found.sentence == "Accuracy on test: 0.2500, not above most frequent class (0.5000)."
    assert found.won is False


def test_the_data_is_told_as_the_last_step_left_it(tmp_path) -> None:
    view = data_view(forecast_run(tmp_path))
    facts = dict(view.facts)
    assert facts["rows"] == "100"
    assert facts["series"] == "2"
    assert facts["rows each"] == "40 to 60"
    assert facts["window"] == "5 rows of context, 3 of horizon"
    parts, columns = view.tables
    assert [line[:3] for line in parts.lines] == [("train", "60", "2"), ("validation", "20", "2"), ("test", "20", "2")]
    assert parts.lines[0][3] == "2020-09-13 12:26:40"
    data = series(missing=0.1, targets=2)
    train = data.raw[data.part == 0, 0]
    assert columns.lines[0][:4] == ("load", "target", "kW", str(int((~data.observed[:, 0]).sum())))
    assert columns.lines[0][4] == number(float(np.nanmean(train)))


def test_a_short_horizon_is_shown_through_time_only(tmp_path) -> None:
    facts = forecast_run(tmp_path)
    (found,) = evaluations(facts)
    (only,) = forecast_pictures(facts, found, 0)  # its horizon has 3 steps
    cases = found.scores["parts"]["test"]["cases"]
    assert only.caption.startswith("load of a through time, and what was forecast 3 steps ahead (")
    assert int(re.search(r"\((\d+) windows\)", only.caption)[1]) < cases  # one of two series
    assert only.narrow is not None


def test_a_long_horizon_is_shown_window_by_window_too(tmp_path) -> None:
    facts = forecast_run(tmp_path)
    (found,) = evaluations(facts)
    about = facts.steps[1].folder / "about.json"
    about.write_text(about.read_text().replace('"horizon": 3', '"horizon": 4').replace('"horizon":3', '"horizon":4'))
    *windows, _ = forecast_pictures(facts, found, 0)
    assert [picture.caption.split(",")[0] for picture in windows][:1] == ["Best"]
    assert all(
        "seasonal naive" in picture.alt or "naive" in picture.alt or "drift" in picture.alt for picture in windows
    )


def test_a_persons_own_matplotlibrc_does_not_change_the_pictures() -> None:
    def paint(figure):
        figure.add_subplot().plot([0, 1])

    usual = drawn("one", paint, alt="a")
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "path"}):
        assert drawn("one", paint, alt="a") == usual


def test_the_vectors_of_categories_are_a_part_of_the_model_and_shown(tmp_path) -> None:
    section = Forecaster.model_validate({"layers": [{"kind": "gru", "units": 3}], "embed": {"sky": 2}})
    save_bundle(
        tmp_path / "result" / "bundle",
        model=section,
        shape=SHAPE,
        module=section.assembled(SHAPE),
        about=rows([30], columns=(("y", "target"), ("sky", "past"), ("day", "future"))).about,
        classes=None,
        facts={},
    )
    trained = StepFacts("train", "train", "done", folder=tmp_path / "result")
    (view,) = models(replace(forecast_run(tmp_path), steps=(trained,)))
    assert [row[0] for row in view.layers] == ["vectors of categories", "layers[0] gru", "head point"]
    assert view.layers[0][1] == "sky: 2"
    assert "units: 3" in view.layers[1][1]
