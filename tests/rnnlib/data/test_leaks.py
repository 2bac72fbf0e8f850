"""A planted leak is flagged by its name; what is shipped is not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flows.check import check
from rnnlib.data.leaks import leaks
from rnnlib.data.loading import load
from tests.rnnlib.data.made import samples, series

COLUMNS = (("y", "target"), ("p", "past"), ("f", "future"))


def planted(at, values):
    data = series([300], columns=COLUMNS, seed=1)
    raw = np.array(data.raw)
    raw[:, at] = values(raw[:, 0])
    return replace(data, raw=raw, observed=None)


@pytest.mark.parametrize(
    ("at", "values", "lead"),
    [
        (2, lambda y: y, 0),
        (2, lambda y: 3 - 2 * y, 0),
        (2, lambda y: np.exp(y / 10), 0),
        (1, lambda y: np.roll(y, -1), 1),
        (1, lambda y: 32 + 1.8 * np.roll(y, -5), 5),
    ],
)
def test_a_covariate_that_is_the_target_is_flagged(at, values, lead):
    (leak,) = leaks(planted(at, values), horizon=6)
    assert (leak.column, leak.of, leak.lead) == (COLUMNS[at][0], "y", lead)
    assert leak.value > 0.995


def test_what_a_past_column_tells_of_the_present_is_no_leak():
    assert not leaks(planted(1, lambda y: y), horizon=6)


def test_smooth_series_that_look_alike_are_let_be():
    rows = np.arange(300)
    draw = np.random.default_rng(0)
    data = planted(2, lambda _y: rows + draw.normal(0, 0.5, 300))
    raw = np.array(data.raw)
    raw[:, 0] = rows + draw.normal(0, 0.5, 300)
    assert not leaks(replace(data, raw=raw), horizon=6)


def test_a_feature_that_is_the_label_is_flagged():
    data = samples(["a", "b"] * 40, lengths=[4] * 80, seed=2)
    assert not leaks(data, 0)
    raw = np.array(data.raw)
    raw[:, 0] = np.repeat([1.0, 7.0] * 40, 4)
    (leak,) = leaks(replace(data, raw=raw), 0)
    assert (leak.of, leak.measure, round(leak.value, 6)) == ("label", "information", 1.0)


def varying(values):
    """Features that vary within their sequences, the first of them as `values` makes it of its rows and the labels."""
    data = samples(["a", "b"] * 40, lengths=[4] * 80, seed=2)
    raw = np.array(data.raw)
    raw[:, 0] = values(raw[:, 0].reshape(80, 4).copy(), np.array([1.0, 7.0] * 40)).reshape(-1)
    return replace(data, raw=raw)


def last(values, label):
    values[:, -1] = label
    return values


def greatest(values, label):
    values[:, 1] = 100 + label
    return values


def mean(values, label):
    return values - values.mean(axis=1, keepdims=True) + label[:, None]


@pytest.mark.parametrize("how", [last, greatest, mean])
def test_a_feature_that_varies_and_is_the_label_by_one_of_its_values_is_flagged(how):
    (leak,) = leaks(varying(how), 0)
    assert (leak.of, leak.measure, round(leak.value, 6)) == ("label", "information", 1.0)
    assert f" by its {how.__name__} " in leak.sentence


def tagged(feature):
    data = samples(["a", "b"] * 40, lengths=[4] * 80, seed=2)
    raw, tags = np.array(data.raw), np.random.default_rng(3).integers(0, 3, (320, 1)).astype(float)
    raw[:, 0] = feature(raw[:, 0], tags[:, 0])
    data = replace(data, raw=raw, tags=tags, sequences=data.sequences.drop("label"))
    return data.with_about(tags=("tag",), tag_words=("x", "y", "z"))


def test_a_feature_that_is_the_tag_of_its_step_is_flagged():
    (leak,) = leaks(tagged(lambda _values, tag: 5 - 2 * tag), 0)
    assert (leak.of, round(leak.value, 6)) == ("tag", 1.0)
    assert " tells `tag` of the same step (information" in leak.sentence
    assert not leaks(tagged(lambda values, _tag: values.round()), 0)
    assert not leaks(tagged(lambda _values, tag: np.roll(tag, 1)), 0)
    same = tagged(lambda _values, tag: tag)
    assert not leaks(same.with_about(tags=(same.about.columns[0].name,)), 0), "it tells the tags of later steps"


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[3] / "pipelines").glob("*.yaml")), ids=lambda file: file.stem
)
def test_no_shipped_spec_is_suspected(file):
    checked = check(file)
    window = next((step for step in checked.spec.steps.values() if step.task == "window"), None)
    data = load(checked.spec.steps["load"], checked.place)
    assert not leaks(data, getattr(window, "horizon", None) or 0)
