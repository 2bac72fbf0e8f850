"""The step `normalize`: model units beside data units, and nothing else rewritten."""

import numpy as np
import pytest
from pydantic import ValidationError

from rnnlib.errors import Refused
from tasks.base import Lineage
from tasks.load import Load
from tasks.normalize import Normalize
from tasks.split import Split
from tests.rnnlib.data.made import series
from tests.tasks.steps import performed, stored, summary

COLUMNS = (("y", "target"), ("p", "past"))


def parts(folder):
    return performed(Split(by="time", test=3), "rows", series([12, 9], columns=COLUMNS), folder)


def test_values_are_normalized_and_the_other_arrays_are_links(tmp_path):
    before = parts(tmp_path)
    data = performed(
        Normalize(target={"kind": "standard", "per": "series"}), "parts", stored(before, tmp_path / "in"), tmp_path
    )
    train = data.part == 0
    for first, last in zip(data.offsets[:-1], data.offsets[1:], strict=True):
        rows = np.flatnonzero(train[first:last]) + first
        assert abs(data.values[rows, 0].mean()) < 1e-6
        assert abs(data.values[rows, 0].std() - 1) < 1e-6
    assert np.array_equal(data.values[:, 1], before.raw[:, 1].astype(np.float32))
    for name in ("raw", "times", "part", "offsets"):
        assert (tmp_path / "normalize" / f"{name}.npy").stat().st_ino == (tmp_path / "in" / f"{name}.npy").stat().st_ino
    assert summary(tmp_path, "normalize") == {"target": "standard"}


def test_a_second_step_keeps_what_the_first_did_for_other_roles(tmp_path):
    first = performed(Normalize(target={"kind": "minmax"}), "parts", parts(tmp_path), tmp_path)
    (tmp_path / "again").mkdir()
    second = performed(Normalize(past={"kind": "maxabs"}), "parts", first, tmp_path / "again")
    assert set(second.about.transforms) == {"target", "past"}
    assert np.array_equal(second.values[:, 0], first.values[:, 0])
    assert not np.array_equal(second.values[:, 1], first.values[:, 1])


def test_a_role_that_the_data_lacks_is_refused(tmp_path):
    with pytest.raises(Refused, match="no `future`, only `target`, `past`") as refused:
        performed(Normalize(future={"kind": "robust"}), "parts", parts(tmp_path), tmp_path)
    assert refused.value.at == ("future",)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "needs a role"),
        ({"static": {"kind": "standard", "per": "series"}}, "one value per sequence"),
        ({"label": {"kind": "log1p", "then": {"kind": "standard", "per": "series"}}}, "one value per sequence"),
        ({"static": {"kind": "difference"}}, "differences are taken from row to row"),
        ({"label": {"kind": "chain", "of": [{"kind": "difference"}]}}, "differences are taken from row to row"),
        ({"target": {"kind": "chain", "of": []}}, "at least 1"),
        ({"target": {"kind": "standart"}}, "standart"),
        ({"target": {"kind": "log1p", "per": "series"}}, "per"),
    ],
)
def test_sections_that_mean_nothing_are_refused(section, message):
    with pytest.raises(ValidationError, match=message):
        Normalize(**section)


LOAD = Load(source={"kind": "csv", "path": "a.csv"}, roles={"target": "y", "future": ["f"]})


def test_a_role_that_no_column_has_is_found_before_anything_runs():
    section = Normalize(target={"kind": "standard"}, past={"kind": "standard"}, static={"kind": "standard"})
    complaints = list(section.review("normalize", Lineage({"load": LOAD})))
    assert [(one.step, one.at) for one in complaints] == [("normalize", ("past",)), ("normalize", ("static",))]
    assert "the data has no `past`, the roles of `load` name `target`, `future`" in complaints[0].message
    assert list(section.review("normalize", Lineage({}))) == []


def test_a_role_is_brought_to_a_scale_once():
    first = Normalize(target={"kind": "minmax"})
    section = Normalize(target={"kind": "standard"}, future={"kind": "standard"})
    (complaint,) = section.review("again", Lineage({"load": LOAD, "scale": first}))
    assert (complaint.step, complaint.at) == ("again", ("target",))
    assert "`scale` has done so with `target`" in complaint.message
