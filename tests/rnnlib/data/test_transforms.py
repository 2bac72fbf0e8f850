"""Transforms rest on observed train rows, reach every role, and come back to data units."""

from dataclasses import replace

import numpy as np
import pytest

from rnnlib.data.data_units import inverted
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.normalizers import MinMax, Standard
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.errors import DataError, Refused
from tests.rnnlib.data.made import samples, series

COLUMNS = (("y", "target"), ("p", "past"), ("f", "future"))


def parts(data, cut=6):
    part = np.full(data.rows, PartOf.test, np.int8)
    for first in data.offsets[:-1]:
        part[first : first + cut] = PartOf.train
    return replace(data, part=part)


def test_each_role_has_its_own_fit_and_others_keep_their_values():
    data = parts(series([10, 12], columns=COLUMNS))
    found = transformed(data, fit_transforms(data, {"target": Standard(), "future": MinMax()}))
    train = data.rows_of(PartOf.train)
    target = data.raw[:, 0]
    assert np.allclose(found.values[:, 0], (target - target[train].mean()) / target[train].std(), atol=1e-6)
    assert np.array_equal(found.values[:, 1], data.raw[:, 1].astype(np.float32))
    assert found.values[train, 2].min() == 0
    assert found.values[train, 2].max() == 1
    assert set(found.about.transforms) == {"target", "future"}
    assert found.raw is data.raw


def test_values_that_were_filled_in_are_not_fitted_on():
    data = parts(series([10]))
    observed = np.ones((10, 1), bool)
    observed[2] = False
    raw = data.raw.copy()
    raw[2] = 1e6
    fitted = fit_transforms(replace(data, raw=raw, observed=observed), {"target": Standard()})["target"]
    assert np.isclose(fitted.shift[0][0], np.delete(raw[:6, 0], 2).mean())


def test_missing_values_are_zero_in_model_units():
    data = parts(series([10]))
    raw = data.raw.copy()
    raw[3] = np.nan
    data = replace(data, raw=raw, observed=~np.isnan(raw))
    found = transformed(data, fit_transforms(data, {"target": Standard()}))
    assert found.values[3, 0] == 0
    assert np.isnan(found.raw[3, 0])


def test_a_second_transform_replaces_the_first():
    data = parts(series([10]))
    once = transformed(data, fit_transforms(data, {"target": MinMax()}))
    twice = transformed(once, fit_transforms(once, {"target": MinMax()}))
    assert np.array_equal(once.values, twice.values)


def test_inverted_gives_data_units_back_for_each_windows_series():
    data = parts(series([10, 12]))
    found = transformed(data, fit_transforms(data, {"target": Standard(per="series")}))
    windows = np.stack([found.values[2:6], found.values[14:18]]).astype(np.float64)
    back = inverted(found.about.transforms, "target", windows, data, np.arange(2))
    assert np.allclose(back, np.stack([data.raw[2:6], data.raw[14:18]]), atol=1e-6)
    assert inverted(found.about.transforms, "past", windows, data, np.arange(2)) is windows


def test_transforms_survive_a_folder(tmp_path):
    data = parts(series([10, 12]))
    found = transformed(data, fit_transforms(data, {"target": Standard(per="series")}))
    found.save(tmp_path)
    again = DataSet.open(tmp_path)
    assert np.array_equal(transformed(again, again.about.transforms).values, found.values)


def test_static_and_label_are_fitted_on_the_sequences_of_train():
    data = samples([1.0, 2.0, 30.0, 40.0], lengths=[2, 2, 2, 2])
    data = replace(
        data.with_about(static=("size",)),
        static=np.array([[1.0], [3.0], [100.0], [200.0]]),
        part=np.array([0, 0, 0, 0, 1, 1, 2, 2], np.int8),
    )
    fitted = fit_transforms(data, {"static": Standard(), "label": MinMax()})
    assert fitted["static"].shift == ((2.0,),)
    assert fitted["label"].scale == ((1.0,),)
    found = transformed(data, fitted)
    assert found.static_values.ravel().tolist() == [-1.0, 1.0, 98.0, 198.0]


def test_what_does_not_fit_is_refused_where_it_stands():
    data = parts(series([10]))
    with pytest.raises(Refused, match="no `past`, only `target`") as refused:
        fit_transforms(data, {"past": Standard()})
    assert refused.value.at == ("past",)
    flat = replace(data, raw=np.full((10, 1), 3.0))
    with pytest.raises(DataError, match="column `y`") as refused:
        fit_transforms(flat, {"target": Standard()})
    assert refused.value.at == ("target", "constant")
    words = samples(["a", "b"], lengths=[6, 6])
    with pytest.raises(DataError, match="classes are not normalized"):
        fit_transforms(replace(words, part=np.zeros(12, np.int8)), {"label": Standard()})
    unsplit = replace(data, part=np.full(10, PartOf.test, np.int8))
    with pytest.raises(DataError, match="train part has none"):
        fit_transforms(unsplit, {"target": Standard()})


def test_a_series_without_train_rows_is_named_where_each_has_its_own_fit():
    data = series([10, 10])
    part = np.zeros(20, np.int8)
    part[10:] = PartOf.test
    data = replace(data, part=part)
    with pytest.raises(
        DataError, match=r"series `s1` was not among them; leave its rows out, or train .*`per: all`"
    ) as refused:
        transformed(data, fit_transforms(data, {"target": Standard(per="series")}))
    assert refused.value.at == ("target",)


def test_a_value_beyond_float32_is_named_not_made_infinite():
    data = parts(series([10]))
    raw = data.raw.copy()
    raw[9] = 1e300
    data = replace(data, raw=raw)
    with pytest.raises(DataError, match="column `y`: models compute in float32"):
        transformed(data, fit_transforms(data, {"target": Standard()}))
    raw[:6, 0] = np.arange(6) * 1e-300
    with pytest.raises(DataError, match="column `y`: models compute in float32"):
        transformed(data, fit_transforms(data, {"target": Standard()}))
