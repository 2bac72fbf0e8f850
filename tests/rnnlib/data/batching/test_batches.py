"""Batches against a loop that takes one example at a time."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlib.data.batching.batches import batches, examples_of
from rnnlib.data.batching.bucketing import CHUNK
from rnnlib.data.batching.labels import class_names
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.normalizers import Standard
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.errors import DataError
from tests.rnnlib.data.made import samples, series

COLUMNS = (("y", "target"), ("z", "target"), ("p", "past"), ("f", "future"))


def forecasting(lengths=(20, 12), *, context=4, horizon=3, static=False):
    data = series(lengths, columns=COLUMNS).with_about(window={"context": context, "horizon": horizon, "stride": 1})
    observed = np.random.default_rng(1).random(data.raw.shape) < 0.8
    data = replace(data, observed=observed, raw=np.where(observed, data.raw, np.nan))
    table = np.arange(2.0 * len(lengths)).reshape(-1, 2)
    return replace(data.with_about(static=("a", "b")), static=table) if static else data


def everything(data, size=5, order=None, part=PartOf.train, **options):
    examples = examples_of(data, part)
    order = torch.arange(len(examples)) if order is None else order
    return examples, list(batches(data, examples, order, size, **options))


@settings(max_examples=30)
@given(seed=st.integers(0, 99), size=st.integers(1, 9), window=st.tuples(st.integers(1, 6), st.integers(1, 4)))
def test_windows_are_those_of_a_loop(seed, size, window):
    data = forecasting(context=window[0], horizon=window[1], static=True)
    order = torch.randperm(len(examples_of(data, PartOf.train)), generator=torch.Generator().manual_seed(seed))
    examples, found = everything(data, size, order)
    seen = torch.cat([batch.index for batch in found])
    assert torch.equal(seen, order)
    assert all(len(batch.index) == size for batch in found[:-1])
    for batch in found:
        for at, number in enumerate(batch.index):
            start = examples.start[number]
            ahead = slice(start + window[0], start + sum(window))
            assert np.array_equal(batch.inputs[at], data.values[start : ahead.start])
            assert np.array_equal(batch.target[at], data.values[ahead, :2])
            assert np.array_equal(batch.future[at], data.values[ahead, 3:])
            assert np.array_equal(batch.target_observed[at], data.observed[ahead, :2])
            assert np.array_equal(batch.static[at], data.static[examples.sequence[number]])
            assert batch.lengths[at] == window[0]
            assert batch.label is None


@settings(max_examples=30)
@given(seed=st.integers(0, 99), size=st.integers(1, 9), count=st.integers(1, 40))
def test_whole_sequences_are_padded_and_none_is_lost(seed, size, count):
    data = samples(["b", "a"] * count, seed=seed)
    order = torch.randperm(2 * count, generator=torch.Generator().manual_seed(seed))
    _, found = everything(data, size, order, classes=("a", "b"))
    assert sorted(torch.cat([batch.index for batch in found]).tolist()) == list(range(2 * count))
    assert len(found) == -(-2 * count // size)
    for batch in found:
        assert batch.inputs.shape[1] == batch.lengths.max()
        assert batch.target is batch.future is None
        for at, number in enumerate(batch.index):
            rows = data.values[data.offsets[number] : data.offsets[number + 1]]
            assert np.array_equal(batch.inputs[at, : len(rows)], rows)
            assert not batch.inputs[at, len(rows) :].any()
            assert batch.label[at] == (number + 1) % 2


def test_sequences_of_like_length_stand_together_and_short_ones_do_not_always_come_first():
    data = samples(["a", "b"] * 400, lengths=np.random.default_rng(0).integers(1, 60, 800))
    order = torch.randperm(800, generator=torch.Generator().manual_seed(0))
    examples, found = everything(data, 8, order, classes=("a", "b"))
    padded = sum(batch.inputs.shape[0] * batch.inputs.shape[1] for batch in found)
    assert padded < 1.1 * data.rows
    unsorted = sum(8 * int(examples.length[part].max()) for part in order.view(-1, 8).numpy())
    assert unsorted > 1.5 * data.rows
    longest = [batch.inputs.shape[1] for batch in found[:CHUNK]]
    assert longest != sorted(longest)


@pytest.mark.parametrize("data", [forecasting(), samples(["a", "b"] * 100)], ids=["windows", "sequences"])
def test_a_batch_is_the_same_wherever_one_starts(data):
    order = torch.randperm(len(examples_of(data, PartOf.train)), generator=torch.Generator().manual_seed(0))
    options = {"classes": ("a", "b")} if "label" in data.sequences.columns else {}
    _, whole = everything(data, 3, order, **options)
    _, rest = everything(data, 3, order, start=2, **options)
    assert len(rest) == len(whole) - 2
    for one, other in zip(whole[2:], rest, strict=True):
        assert torch.equal(one.index, other.index)
        assert torch.equal(one.inputs, other.inputs)


def test_sequences_of_one_length_keep_the_order():
    data = samples(["a", "b"] * 10, lengths=[3] * 20)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(0))
    _, found = everything(data, 6, order, classes=("a", "b"))
    assert torch.equal(torch.cat([batch.index for batch in found]), order)


def test_a_folder_gives_the_same_batches_without_a_copy_of_its_arrays(tmp_path):
    data = transformed(forecasting(static=True), fit_transforms(forecasting(static=True), {"target": Standard()}))
    data.save(tmp_path)
    opened = DataSet.open(tmp_path)
    assert not opened.values.flags.writeable
    for one, other in zip(everything(data)[1], everything(opened)[1], strict=True):
        assert torch.equal(one.inputs, other.inputs)
        assert torch.equal(one.target_observed, other.target_observed)
        assert torch.equal(one.static, other.static)
    turned = replace(opened, normalized=opened.normalized[::-1])  # a view of a map, no map of its own
    assert torch.equal(everything(turned)[1][0].inputs[0, 0], torch.from_numpy(data.values[-1].copy()))


def test_changing_a_batch_leaves_the_data_alone():
    data = forecasting()
    before = data.values.copy()
    for batch in everything(data)[1]:
        batch.inputs.add_(1)
        batch.target.add_(1)
    assert np.array_equal(data.values, before)


def test_prediction_reads_no_truth():
    for batch in everything(forecasting(), truth=False)[1]:
        assert batch.target is batch.target_observed is None
        assert batch.future is not None
    unlabelled = replace(samples(["a", "b"]), sequences=pl.DataFrame({"key": ["s0", "s1"]}))
    assert all(batch.label is None for batch in everything(unlabelled, truth=False)[1])
    with pytest.raises(DataError, match=r"name it in `load.roles.label`"):
        everything(unlabelled)


def test_without_a_mask_what_is_missing_is_seen_in_the_values():
    data = forecasting()
    masked, bare = everything(data)[1], everything(replace(data, observed=None))[1]
    assert all(torch.equal(one.target_observed, other.target_observed) for one, other in zip(masked, bare, strict=True))


def test_nothing_to_show():
    data = replace(forecasting(), part=np.zeros(32, np.int8))
    assert everything(data, part=PartOf.test)[1] == []


def test_only_sequences_of_the_part_are_examples():
    data = samples(["a", "b", "a"], lengths=[2, 3, 1])
    data = replace(data, part=np.array([0, 0, 2, 2, 2, 0], np.int8))
    assert examples_of(data, PartOf.train).sequence.tolist() == [0, 2]
    assert examples_of(data, PartOf.test).start.tolist() == [2]


def test_numbers_are_in_model_units():
    data = samples([1.0, 3.0, 8.0], lengths=[1, 1, 1])
    data = replace(data, part=np.array([0, 0, 2], np.int8))
    data = transformed(data, fit_transforms(data, {"label": Standard()}))
    _, (batch,) = everything(data, part=PartOf.test)
    assert batch.label.dtype == torch.float32
    assert batch.label.tolist() == [6.0]
    whole = replace(data.with_about(transforms={}), sequences=data.sequences.cast({"label": pl.Int64}))
    assert everything(whole, part=PartOf.test)[1][0].label.tolist() == [8.0]


def test_classes_are_those_of_train_in_order():
    data = samples([10, 9, 2, 7], lengths=[1, 1, 1, 1])
    data = replace(data, part=np.array([0, 0, 0, 2], np.int8))
    assert class_names(data) == ("2", "9", "10")
    assert class_names(samples(["b", "a", "b"])) == ("a", "b")
    assert everything(data, classes=("2", "9", "10"))[1][0].label.tolist() == [2, 1, 0]
    with pytest.raises(DataError, match=r"`s3` has the class `7`, which the train part does not have \(2, 9, 10\)"):
        everything(data, part=PartOf.test, classes=("2", "9", "10"))
    with pytest.raises(DataError, match="at least two classes in the train part, it has only `a`"):
        class_names(samples(["a", "a"]))
    with pytest.raises(DataError, match="it has none"):
        class_names(samples([None, None]))


def test_labels_that_do_not_fit_the_question_are_refused():
    with pytest.raises(DataError, match="use a classifier"):
        everything(samples(["a", "b"]))
    with pytest.raises(DataError, match="`s1` has no label"):
        everything(samples(["a", None]), classes=("a", "b"))
    with pytest.raises(DataError, match="`s0` has no label"):
        everything(samples([None, 1.0]))
