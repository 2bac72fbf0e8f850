"""Nothing after a cut reaches what is before it: not an array, not a fitted number, not a window, not a batch."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlib.data.batching.batches import batches, examples_of
from rnnlib.data.dataset import PartOf
from rnnlib.data.normalizers import Standard
from rnnlib.data.splits import ByColumn, ByTime, split
from rnnlib.data.transforms import fit_transforms, transformed
from tests.rnnlib.data.made import samples, series
from tests.rnnlib.data.normalizers.normalized import MEMBERS, lenient

COLUMNS = (("y", "target"), ("p", "past"), ("f", "future"))
POLICIES = [
    {"fill": "interpolate", "otherwise": "mask"},
    {"fill": "forward", "at_most": 2, "otherwise": "mask"},
    {"fill": "constant", "value": 1.0},
    {"fill": "seasonal", "season": 3, "at_most": 2, "otherwise": "mask"},
]
NORMALIZERS = [
    (kind, {"per": per} if "per" in member.model_fields else {})
    for kind, member in MEMBERS.items()
    for per in (("series", "all") if "per" in member.model_fields else ("",))
]


def raw_series(seed, holes):
    data = series([40, 25], columns=COLUMNS, seed=seed)
    raw = np.abs(data.raw)
    draw = np.random.default_rng(seed)
    raw[draw.random(raw.shape) < holes] = np.nan
    raw[data.offsets[:-1]] = 1.0  # every series begins with a value
    return replace(data, raw=raw, observed=~np.isnan(raw))


def perturbed(data, rows, seed):
    """Other values in `rows`, other holes too."""
    draw = np.random.default_rng(seed)
    raw = data.raw.copy()
    raw[rows] = draw.normal(100, 1000, raw[rows].shape) ** 2
    raw[rows] = np.where(draw.random(raw[rows].shape) < 0.3, np.nan, raw[rows])
    return replace(data, raw=raw, observed=~np.isnan(raw))


def prepared(data, section, normalizer):
    data = split(data, section, 3)
    columns = {"target": "y", "past": "p", "future": "f"}
    normalizers = {role: normalizer(column) for role, column in columns.items() if data.having(role)}
    data = transformed(data, fit_transforms(data, normalizers))
    return data.with_about(window={"context": 5, "horizon": 3, "stride": 2})


def assert_same_train(one, other):
    train = one.rows_of(PartOf.train)
    assert np.array_equal(train, other.rows_of(PartOf.train))
    assert one.about.transforms == other.about.transforms
    for name in ("raw", "values", "observed"):
        ours, theirs = getattr(one, name)[train], getattr(other, name)[train]
        assert np.array_equal(ours, theirs, equal_nan=name == "raw"), name
    shown = [_batches(data) for data in (one, other)]
    assert len(shown[0]) == len(shown[1]) > 0
    for ours, theirs in zip(*shown, strict=True):
        for name in ("inputs", "target", "future", "target_observed", "label", "lengths", "index"):
            a, b = getattr(ours, name), getattr(theirs, name)
            assert (a is b is None) or torch.equal(a, b), name


def _batches(data):
    examples = examples_of(data, PartOf.train)
    order = torch.randperm(len(examples), generator=torch.Generator().manual_seed(0))
    labelled = "label" in data.sequences.columns
    return list(batches(data, examples, order, 4, classes=("a", "b") if labelled else None))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy["fill"])
@pytest.mark.parametrize(("kind", "fields"), NORMALIZERS, ids=str)
@settings(max_examples=8)
@given(seed=st.integers(0, 10**6), cut=st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_the_future_changes_nothing_in_train(policy, kind, fields, seed, cut):
    normalizer = partial(lenient, kind, **fields)
    data = raw_series(seed, 0.2).with_about(missing=policy)
    section = ByTime(validation=cut[0], test=cut[1])
    held_out = split(data, section, 3).part != PartOf.train
    one = prepared(data, section, normalizer)
    other = prepared(perturbed(data, held_out, seed), section, normalizer)
    assert_same_train(one, other)
    assert not np.array_equal(one.values, other.values)
    assert one.about.holdout != other.about.holdout


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy["fill"])
def test_test_rows_change_nothing_in_validation(policy):
    data = raw_series(5, 0.2).with_about(missing=policy)
    section = ByTime(validation=6, test=6)
    parts = split(data, section, 3)
    other = split(perturbed(data, parts.part == PartOf.test, 1), section, 3)
    earlier = parts.part != PartOf.test
    assert np.array_equal(parts.raw[earlier], other.raw[earlier], equal_nan=True)


def test_other_sequences_change_nothing_in_train():
    data = samples(["a", "b"] * 10, lengths=[4] * 20, seed=2)
    words = np.where(np.arange(80) < 48, 0, 2).astype(np.int8)
    data = replace(data, official=words)
    section = ByColumn(validation="25%", stratify=True)
    held_out = split(data, section, 3).part != PartOf.train
    normalizer = Standard()
    pair = []
    for variant in (data, perturbed(data, held_out, 1)):
        parts = split(replace(variant, observed=~np.isnan(variant.raw)), section, 3)
        pair.append(transformed(parts, fit_transforms(parts, {"features": normalizer})))
    assert_same_train(*pair)


def test_the_check_sees_a_leak():
    """Were the fit to rest on all rows, the comparison above would fail."""
    data = raw_series(5, 0.0)
    section, normalizer = ByTime(validation=3, test=3), Standard()
    held_out = split(data, section, 3).part != PartOf.train
    leaky = []
    for variant in (data, perturbed(data, held_out, 1)):
        parts = split(variant, section, 3)
        everything = replace(parts, part=np.zeros(parts.rows, np.int8))
        found = transformed(parts, fit_transforms(everything, {"target": normalizer}))
        leaky.append(found.with_about(window={"context": 5, "horizon": 3, "stride": 2}))
    with pytest.raises(AssertionError):
        assert_same_train(*leaky)
