"""Originals beside what augmentation made of them: lines, maps, frames, texts; nothing where nothing is augmented."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from flows.report.augmented import augmented_pictures, augmented_texts
from flows.report.data import data_view
from rnnlib.data.about import About, Column
from rnnlib.data.dataset import DataSet, PartOf
from tests.flows.report.samples import _data, run
from tests.rnnlib.metrics.samples import series

SCALING = {"kind": "scaling"}


def whole(columns=2, augment=(SCALING,), holds="numbers", **about):
    raw = np.abs(np.random.default_rng(2).normal(size=(60, columns)))
    names = tuple(Column(name=f"c{number}", role="features", holds=holds) for number in range(columns))
    return DataSet(
        about=About(columns=names, names={"label": "kind"}, augment=augment, **about),
        raw=raw,
        offsets=np.arange(7) * 10,
        sequences=pl.DataFrame({"key": list("abcdef"), "label": ["x", "y"] * 3}),
        part=np.repeat(np.array([0, 0, 0, 0, 1, 2], np.int8), 10),
    )


@pytest.mark.parametrize(
    "data",
    [
        whole(),
        whole(9),
        whole(augment=({"kind": "spawner", "probability": 1.0},)),
        whole(12, ({"kind": "frame_flip"},), "pixels", frame=(2, 2, 3)),
        replace(series(), about=series().about.model_copy(update={"augment": (SCALING,)})),
    ],
    ids=["lines", "map", "spawner", "colours", "forecast"],
)
def test_examples_stand_beside_what_is_made_of_them(data):
    (picture,) = augmented_pictures(data)
    assert picture.svg.count("<g") > 4
    assert all(word in picture.svg for word in ("as it is", "epoch 1", "epoch 3"))
    assert picture.alt
    assert augmented_texts(data) == ()


def test_texts_are_written_out():
    words = ("<unknown>", "one", "two", "three")
    data = whole(1, ({"kind": "token_dropout", "rate": 0.5},), "tokens", words={"c0": words})
    data = replace(data, raw=np.floor(data.raw % 3) + 1)
    lines = augmented_texts(data)
    assert augmented_pictures(data) == ()
    assert [line[0] for line in lines[:4]] == ["as it is", "epoch 1", "epoch 2", "epoch 3"]
    assert "<unknown>" not in lines[0][1]
    assert "<unknown>" in lines[1][1]
    letters = replace(data.with_about(words={"c0": ("<unknown>", "a", "b", "c")}))
    assert set(augmented_texts(letters)[0][1]) <= set("abc")


def test_nothing_is_shown_where_nothing_is_augmented(tmp_path):
    for data in (whole(augment=()), replace(whole(), part=None), replace(whole(), part=np.ones(60, np.int8))):
        assert augmented_pictures(data) == ()
        assert augmented_texts(data) == ()
    shown = data_view(run((_data(tmp_path, "augment", whole()),)))
    assert "what three epochs make of them (scaling)" in shown.pictures[-1].caption
    assert PartOf.train in whole().part
