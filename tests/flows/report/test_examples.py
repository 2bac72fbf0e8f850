"""Recordings, spectra, frames and texts are shown as what they are."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from flows.report.augmented import augmented_pictures, augmented_texts
from flows.report.data import data_view, token_lines
from flows.report.examples import example_pictures, few
from flows.report.profile import pictures, season_start
from rnnlib.data.about import About, Column, TimeAxis
from rnnlib.data.dataset import DataSet
from tests.flows.report.samples import _data, run
from tests.rnnlib.data.made import DAY, HOUR, samples, series
from tests.rnnlib.metrics.samples import series as scored


def clips(holds, columns, **about):
    names = tuple(Column(name=f"c_{at}", role="features", holds=holds) for at in range(columns))
    return DataSet(
        about=About(columns=names, names={"label": "kind"}, **about),
        raw=np.abs(np.random.default_rng(0).normal(size=(90, columns))) * 50,
        offsets=np.arange(4) * 30,
        sequences=pl.DataFrame({"key": ["a", "<b>", "c"], "label": ["x", "y", "x"]}),
    )


@pytest.mark.parametrize(
    ("data", "caption"),
    [
        (clips("samples", 1, rate=8000.0), "Recordings: "),
        (clips("numbers", 8, rate=100.0, encoders=({"kind": "log_mel"},)), "Spectra: "),
        (clips("pixels", 12, frame=(2, 2, 3)), "Frames of some clips"),
        (clips("pixels", 12, frame=(3, 4, 1)), "Frames of some clips"),
    ],
    ids=["recordings", "spectra", "colours", "grey"],
)
def test_clips_are_shown_as_what_they_are(data, caption):
    for label in (True, False):
        kept = data if label else replace(data, sequences=data.sequences.drop("label"))
        shown = example_pictures(kept, few(kept))
        assert shown[0].caption.startswith(caption)
        assert "<image" in shown[0].svg
    assert any(one.caption.startswith(caption) for one in pictures(data))


def test_a_silent_recording_has_a_picture_too():
    data = clips("samples", 1, rate=8000.0)
    assert example_pictures(replace(data, raw=np.zeros((90, 1))), few(data))


def test_plain_series_are_lines_and_texts_are_written_with_the_numbers_of_their_tokens(tmp_path):
    assert example_pictures(samples(["a", "b"]), {"a": 0}) is None
    data = clips("tokens", 1, words={"c_0": ("<unknown>", " ", "the", "\n")})
    data = replace(data, raw=np.tile([2.0, 1.0, 3.0], 30)[:, None])
    assert example_pictures(data, few(data)) == ()
    assert token_lines(data)[1] == ("<b>", "  ".join(["the 2", "␣ 1", "\\n 3"] * 10))
    view = data_view(run((_data(tmp_path, "encode", data),)))
    assert any("tokens" in table.caption for table in view.tables)
    unlabelled = replace(data, sequences=data.sequences.drop("label"), part=np.zeros(90, np.int8))
    assert not data_view(run((_data(tmp_path, "split", unlabelled),))).parted, "colours of parts without a picture"


def with_weather(data, role, holds="words"):
    """The data set beside a column of categories."""
    column = Column(name="weather", role=role, holds=holds)
    codes = np.arange(data.rows)[:, None] % 2.0
    columns, words = (*data.about.columns, column), {"weather": ("rain", "sun")}
    about = data.about.model_copy(update={"columns": columns, "words": words})
    return replace(data, about=about, raw=np.concatenate([data.raw, codes], axis=1), observed=None)


@pytest.mark.parametrize("holds", ["words", "tokens"])
def test_series_with_categories_are_series_not_texts(tmp_path, holds):
    data = with_weather(scored(), "past", holds)
    assert any("over time" in one.alt for one in pictures(data))
    view = data_view(run((_data(tmp_path, "encode", data),)))
    assert ["over time" in one.alt for one in view.pictures] == [True]
    assert not any("tokens" in table.caption for table in view.tables)
    augmented = replace(data, about=data.about.model_copy(update={"augment": ({"kind": "scaling"},)}))
    assert len(augmented_pictures(augmented)) == 1
    assert augmented_texts(augmented) == ()


@pytest.mark.parametrize("holds", ["words", "tokens"])
def test_sequences_with_a_category_show_their_numbers_as_lines(tmp_path, holds):
    plain, data = samples(["a", "b"]), with_weather(samples(["a", "b"]), "features", holds)
    assert list(pictures(data))[1] == list(pictures(plain))[1], "codes are no heights"
    tables = data_view(run((_data(tmp_path, "load", data),))).tables
    assert not any("tokens" in one.caption for one in tables)


def test_words_that_are_categories_are_not_called_texts(tmp_path):
    words = clips("tokens", 1, words={"c_0": ("<unknown>", "Anna")}, encoders=({"kind": "categories"},))
    words = replace(words, raw=np.ones((90, 1)))
    captions = [one.caption for one in data_view(run((_data(tmp_path, "encode", words),))).tables]
    assert "Some sequences of `c_0`, each category with its number" in captions


def test_a_season_has_a_profile():
    hourly = series([100], axis=TimeAxis(every="1h"))
    assert any("season of 24 rows, less" in one.caption for one in pictures(hourly))
    assert not any("season of" in one.caption for one in pictures(series([40], axis=TimeAxis(every="1h"))))


@pytest.mark.parametrize(
    ("every", "start", "zone", "begins"),
    [
        ("1h", "2020-01-01T02:00", None, (22, " from midnight")),
        ("1h", "2020-01-01T00:00", None, (0, " from midnight")),
        ("1h", "2020-01-01T00:30", None, (0, "")),
        ("1h", "2020-01-01T02:00", "Europe/Oslo", (21, " from midnight")),
        ("30m", "2020-01-01T23:00", None, (2, " from midnight")),
        ("1d", "2020-01-01", None, (5, " from Monday")),
        ("7h", "2020-01-01T02:00", None, (0, "")),
    ],
)
def test_a_season_begins_at_midnight_or_on_monday(every, start, zone, begins):
    step = {"1h": HOUR, "30m": HOUR // 2, "1d": DAY, "7h": 7 * HOUR}[every]
    kind = "date" if every == "1d" else "datetime"
    data = series([100], step=step, start=start, axis=TimeAxis(every=every, zone=zone, kind=kind))
    assert season_start(data, {"1h": 24, "30m": 48, "1d": 7, "7h": 24}[every]) == begins
    assert season_start(replace(data, times=None), 24) == (0, "")


def test_missing_values_of_several_series_stand_one_after_the_other():
    one, two = series([50]), series([50, 50])
    captions = [
        picture.caption
        for data in (one, two)
        for picture in pictures(replace(data, raw=np.where(np.arange(data.rows)[:, None] == 3, np.nan, data.raw)))
        if "missing" in picture.caption
    ]
    assert captions == [
        "The share of values that are missing",
        "The share of values that are missing, all sequences one after the other",
    ]


def test_of_very_many_columns_the_first_are_listed_and_the_rest_is_counted(tmp_path):
    view = data_view(run((_data(tmp_path, "load", clips("pixels", 144, frame=(12, 12, 1))),)))
    table = view.tables[0]
    assert len(table.lines) == 40
    assert table.caption.endswith("; 104 more columns are not listed")


def test_what_are_names_has_no_mean(tmp_path):
    data = clips("tokens", 1, words={"c_0": tuple("<unknown>")})
    (line,) = data_view(run((_data(tmp_path, "encode", replace(data, raw=np.zeros((90, 1)))),))).tables[0].lines
    assert line[-4:] == ("–",) * 4
