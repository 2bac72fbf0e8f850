"""The leakage oracle over every shipped spec: what is held out is made another, and nothing of train changes a bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from flows.check import check
from flows.execute import Context, perform
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.holdout import sealed
from tasks import normalize
from tasks.base import Parts, Rows, Work
from tasks.split import Split
from tasks.store import Store, Stored
from tasks.train import Train
from tasks.window import Window

SPECS = sorted((Path(__file__).parents[2] / "pipelines").glob("*.yaml"))
MOST_SEQUENCES, MOST_ROWS = 200, 1500
FITTED = ("transforms", "encoders", "words", "tag_words", "static_tokens")
ARRAYS = ("raw", "values", "observed", "tags")

Change = Callable[[DataSet], DataSet]


class Made(NamedTuple):
    """What the steps made of the data, and the weights of one epoch."""

    data: DataSet
    weights: bytes


def as_it_is(data: DataSet) -> DataSet:
    """No change."""
    return data


def shrunk(data: DataSet) -> DataSet:
    """The last rows of the first sequences: an epoch of them takes a second."""
    count = min(len(data.lengths), MOST_SEQUENCES)
    most = MOST_ROWS if count < MOST_SEQUENCES else data.rows
    rows = np.concatenate(
        [np.arange(max(a, b - most), b) for a, b in zip(data.offsets, data.offsets[1:], strict=False)][:count]
    )
    lengths = np.minimum(data.lengths[:count], most)
    taken = {
        name: None if (array := getattr(data, name)) is None else np.array(array[rows])
        for name in ("raw", "times", "observed", "official", "tags", "file_of_row")
    }
    static = None if data.static is None else data.static[:count]
    return replace(
        data, offsets=np.append(0, np.cumsum(lengths)), sequences=data.sequences[:count], static=static, **taken
    )


def made(file: Path, folder: Path, loaded: DataSet, before: Change, after: Change) -> Made:
    """The chain up to one epoch; `before` changes what is loaded, `after` what was split."""
    checked = check(file)
    windows = any(isinstance(step, Window) and step.horizon for step in checked.spec.steps.values())
    checked = check(file, ["train.epochs=1", *(["window.stride=40"] if windows else [])])
    store, done = Store(folder / "home"), {}
    for step in checked.chain.steps:
        section, at = step.section, folder / step.name
        if not (issubclass(section.gives, Rows | Parts) or isinstance(section, Train)):
            continue
        at.mkdir(parents=True)
        if issubclass(section.gives, Rows):
            before(loaded).save(at)
        else:
            inputs = {slot: done[name] for slot, name in step.inputs.items()}
            section.perform(inputs, at, Work(step.name, 7, checked.place, store, folder / f"{step.name} work"))
        if isinstance(section, Split):
            changed = sealed(after(DataSet.open(at)))
            at = folder / f"{step.name} changed"
            changed.save(at)
        done[step.name] = Stored(path=at, digest="")
        if isinstance(section, Train):
            return Made(
                DataSet.open(done[step.inputs["data"]].path), (at / "bundle" / "weights.safetensors").read_bytes()
            )
    raise AssertionError("every shipped spec trains")


def held_out_changed(held: np.ndarray, seed: int) -> tuple[Change, Change]:
    """Other values, holes, categories and characters in the rows that are held out; then other labels and tags."""

    def values(data: DataSet) -> DataSet:
        draw, raw = np.random.default_rng(seed), np.array(data.raw)
        for at, column in enumerate(data.about.columns):
            if column.holds == "numbers":
                raw[held, at] = draw.normal(100, 1000, held.sum()) ** 2
            else:
                raw[held, at] = draw.permutation(raw[held, at])
        if data.about.missing is not None:
            raw[held] = np.where(draw.random(raw[held].shape) < 0.2, np.nan, raw[held])
        static = None if data.static is None else np.array(data.static)
        whole = np.minimum.reduceat(held, data.offsets[:-1])
        if static is not None:
            static[whole] = draw.permutation(static[whole])
        return replace(data, raw=raw, observed=~np.isnan(raw), static=static)

    def truths(data: DataSet) -> DataSet:
        draw, away = np.random.default_rng(seed), data.rows_of(PartOf.train) == 0
        if data.tags is not None:
            tags = np.array(data.tags)
            tags[away] = draw.permutation(tags[away])
            data = replace(data, tags=tags)
        if "label" in data.sequences.columns:
            whole = np.flatnonzero(np.minimum.reduceat(away, data.offsets[:-1]))
            order = np.arange(len(data.lengths))
            order[whole] = draw.permutation(whole)
            labels = data.sequences["label"].gather(order)
            data = replace(data, sequences=data.sequences.with_columns(label=labels))
        return data

    return values, truths


def assert_same_train(one: Made, other: Made) -> None:
    """Bit by bit: what is fitted, what train's arrays are, and the weights."""
    train = one.data.rows_of(PartOf.train)
    assert np.array_equal(train, other.data.rows_of(PartOf.train))
    for name in FITTED:
        assert getattr(one.data.about, name) == getattr(other.data.about, name), name
    for name in ARRAYS:
        ours, theirs = getattr(one.data, name), getattr(other.data, name)
        everywhere = np.ones(one.data.raw.shape, bool)
        pair = [everywhere if name == "observed" and array is None else array for array in (ours, theirs)]
        if pair[0] is not None:
            assert np.array_equal(pair[0][train], pair[1][train], equal_nan=name != "observed"), name
    assert one.weights == other.weights, "weights"


def pair(file: Path, folder: Path) -> tuple[Made, Made]:
    """The chain on the data as it is, and on data whose held-out rows are others."""
    checked = check(file)
    context = Context(checked.place, Store(folder / "loaded"), 7)
    data = shrunk(DataSet.open(perform(checked.chain.steps[0], {}, context).stored.path))
    one = made(file, folder / "one", data, as_it_is, as_it_is)
    parts = DataSet.open(next((folder / "one").glob("split changed")))
    assert parts.rows == data.rows
    changes = held_out_changed(np.asarray(parts.part) != PartOf.train, seed=3)
    return one, made(file, folder / "other", data, *changes)


@pytest.mark.parametrize("file", SPECS, ids=[file.stem for file in SPECS])
def test_what_is_held_out_changes_nothing_in_train(file: Path, tmp_path: Path) -> None:
    one, other = pair(file, tmp_path)
    assert_same_train(one, other)
    assert not np.array_equal(one.data.raw, other.data.raw, equal_nan=True)


def test_it_fails_where_a_normalizer_is_fitted_on_all_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = normalize.fit_transforms

    def on_all_rows(data, *more):
        return fitted(replace(data, part=np.zeros(data.rows, np.int8)), *more)

    monkeypatch.setattr(normalize, "fit_transforms", on_all_rows)
    file = next(file for file in SPECS if file.stem == "co2-forecast")
    with pytest.raises(AssertionError, match="transforms"):
        assert_same_train(*pair(file, tmp_path))
