"""A report is written of whatever data a run had: constant, mostly missing, short, timeless, with very many classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from flows.report import StepFacts
from flows.report.data_pictures import label_pictures, time_line
from flows.report.page import rendered
from rnnlib.data.about import About, Column, TimeAxis
from rnnlib.data.dataset import DataSet
from tasks.load import _step
from tests.flows.report.page import Page
from tests.flows.report.samples import class_run, forecast_run, run
from tests.rnnlib.metrics.samples import labelled, series


def constant() -> DataSet:
    raw = np.ones((100, 2))
    raw[:, 0] += np.arange(100) % 7 > 3  # the target must not be constant: the mase would refuse
    return replace(series(), raw=raw)


def mostly_missing() -> DataSet:
    return series(missing=0.6)


def timeless() -> DataSet:
    return replace(series().with_about(time=None), times=None)


def stepwise() -> DataSet:
    return replace(series().with_about(time=TimeAxis(kind="integer", every="1i")), times=np.arange(100) % 60)


def daily() -> DataSet:
    data = series()
    day = 86_400_000_000
    return replace(data.with_about(time=TimeAxis(kind="date", every="1d")), times=data.times // 3_600_000_000 * day)


def in_a_zone() -> DataSet:
    return series().with_about(time=TimeAxis(zone="Europe/Oslo", every="1h"))


def with_statics() -> DataSet:
    data = series().with_about(static=("area", "height"))
    return replace(data, static=np.array([[1.0, np.nan], [3.0, 4.0]]))


def of_many_series() -> DataSet:
    one, count = series(), 20
    offsets = np.concatenate([[0], np.cumsum(np.tile(one.lengths, count))])
    tiled = {name: np.tile(getattr(one, name), (count, 1)) for name in ("raw", "observed")}
    flat = {name: np.tile(getattr(one, name), count) for name in ("times", "part")}
    keys = pl.DataFrame({"key": [f"meter {number}" for number in range(2 * count)]})
    return replace(one, offsets=offsets, sequences=keys, **tiled, **flat)


ODD = [constant, mostly_missing, timeless, stepwise, daily, in_a_zone, with_statics, of_many_series]


@pytest.mark.parametrize("make", ODD, ids=lambda make: make.__name__)
def test_forecasts_of_odd_series(tmp_path, make) -> None:
    facts = forecast_run(tmp_path, make())
    read = Page(rendered(facts))
    for words in ("Forecasts against truth", "The data", "The model and its training", "Registered as"):
        assert words in read.text


LABELS = {
    "very many classes": [f"class {number % 45}" for number in range(10)],
    "one class in test": ["a", "b", "a", "b", "a", "b", "a", "a", "a", "a"],
    "numbers": [3, 1, 3, 1, 2, 1, 3, 2, 1, 3],
    "long names": [f"{'a very long name ' * 4}{number % 2}" for number in range(10)],
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_classes_of_odd_data(tmp_path, labels) -> None:
    read = Page(rendered(class_run(tmp_path, labels)))
    for words in ("Predictions against truth", "The data", "Confusion on test"):
        assert words in read.text


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_load_of_hardly_any_rows(tmp_path, rows) -> None:
    about = About(columns=(Column(name="v", role="target"),), time=TimeAxis(kind="integer"))
    keys = pl.DataFrame({"key": ["only"]})
    raw, times = np.full((rows, 1), np.nan), np.arange(rows)
    DataSet(about=about, raw=raw, offsets=np.array([0, rows]), sequences=keys, times=times).save(tmp_path / "load")
    facts = run(
        (StepFacts("load", "load", "ran", 0.1, "key", tmp_path / "load"),), status="failed", error="too few rows"
    )
    read = Page(rendered(facts))
    assert f"rows {rows}" in read.text


def test_labels_before_they_are_split_are_counted_once(tmp_path) -> None:
    data = replace(labelled(["a", "b", "a", "b"], [0] * 4), part=None)
    bars, _ = label_pictures(data)
    assert (bars.caption, bars.alt) == ("Sequences of each class", "Number of sequences of each class.")
    assert ">train<" not in bars.svg
    assert "not split" not in bars.svg
    numbers, _ = label_pictures(replace(labelled(list(np.linspace(0, 1, 60)), [0] * 60), part=None))
    assert numbers.caption == "Labels"


def test_series_before_they_are_split_have_no_parts() -> None:
    whole, parts = time_line(replace(series(), part=None)), time_line(series())
    assert "split" in parts.caption
    assert "train" in parts.alt
    assert "split" not in whole.caption
    assert "train" not in whole.alt


def test_whole_number_steps_are_not_spelled_as_polars_spells_them() -> None:
    assert _step(stepwise(), stated=False) == "1 (inferred)"


def test_labels_that_are_missing_everywhere(tmp_path) -> None:
    about = About(columns=(Column(name="v", role="features"),), names={"label": "what"})
    keys = pl.DataFrame({"key": ["a", "b"], "label": pl.Series([None, None], dtype=pl.String)})
    part = np.zeros(4, np.int8)
    data = DataSet(about=about, raw=np.zeros((4, 1)), offsets=np.array([0, 2, 4]), sequences=keys, part=part)
    data.save(tmp_path / "split")
    facts = run(
        (StepFacts("split", "split", "ran", 0.1, "key", tmp_path / "split"),), status="failed", error="no label"
    )
    assert "sequences 2" in Page(rendered(facts)).text
