"""The step `window`: every part needs one, and the message says which number is too large."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.errors import DataError, Refused
from tasks.base import Lineage
from tasks.load import Load
from tasks.split import Split
from tasks.window import Window
from tests.rnnlib.data.made import samples, series
from tests.tasks.steps import performed, summary


def parts(folder, lengths=(40, 30), **section):
    return performed(Split(by="time", **(section or {"validation": 6, "test": 8})), "rows", series(lengths), folder)


def test_windows_of_each_part_are_counted(tmp_path):
    data = performed(Window(context=5, horizon=3, stride=2), "parts", parts(tmp_path), tmp_path)
    assert data.about.window == {"context": 5, "horizon": 3, "stride": 2}
    assert summary(tmp_path, "window") == {"train windows": 10 + 5, "validation windows": 2 + 2, "test windows": 3 + 3}


def test_every_field_changes_the_windows(tmp_path):
    data = parts(tmp_path)
    found = []
    for number, fields in enumerate([{}, {"context": 6}, {"horizon": 2}, {"stride": 1}]):
        folder = tmp_path / str(number)
        folder.mkdir()
        performed(Window(**{"context": 5, "horizon": 3, "stride": 2} | fields), "parts", data, folder)
        found.append(str(summary(folder, "window")))
    assert len(set(found)) == 4


@pytest.mark.parametrize(
    ("window", "split", "at", "message"),
    [
        ((5, 9), None, "horizon", r"horizon 9 is longer than the validation part \(6 rows of series `s0`\): shorten"),
        ((5, 9), {"test": 8}, "horizon", r"horizon 9 is longer than the test part \(8 rows of series `s0`\)"),
        ((5, 30), {"test": 32, "train": 2}, "horizon", r"longer than the train part \(2 rows of series `s0`\)"),
        ((30, 3), None, "context", r"windows of 33 rows, and series `s0` has 26 up to the end of its train part"),
        ((100, 3), {"test": 8}, "context", r"windows of 103 rows, and series `s0` has 32 up to the end of its train"),
    ],
)
def test_what_is_too_long_is_named(tmp_path, window, split, at, message):
    data = parts(tmp_path, (40, 36), **(split or {}))
    with pytest.raises(DataError, match=message) as refused:
        performed(Window(context=window[0], horizon=window[1]), "parts", data, tmp_path)
    assert refused.value.at == (at,)


def test_windows_without_truth_and_series_without_windows_are_counted(tmp_path):
    data = parts(tmp_path, (40, 14), test=4)
    observed = np.ones((54, 1), bool)
    observed[20:24] = False
    data = replace(data, observed=observed)
    performed(Window(context=11, horizon=3), "parts", data, tmp_path)
    assert summary(tmp_path, "window") == {
        "train windows": 21,
        "train windows without truth": 2,
        "train series without a window": 1,
        "test windows": 3,
    }
    unknown = replace(data, observed=np.where(np.arange(54)[:, None] < 36, observed, False))
    (tmp_path / "again").mkdir()
    with pytest.raises(DataError, match="all 3 windows of the test part have an unknown target"):
        performed(Window(context=11, horizon=3), "parts", unknown, tmp_path / "again")


def test_whole_sequences_have_no_windows(tmp_path):
    data = performed(Split(by="random", test=4), "rows", samples(["a", "b"] * 10), tmp_path)
    with pytest.raises(Refused, match="leave the step out"):
        performed(Window(context=1, horizon=1), "parts", data, tmp_path)
    roles = {"sample": "id", "features": ["v"], "label": "c"}
    load = Load(source={"kind": "csv", "path": "a.csv"}, roles=roles)
    assert [one.step for one in Window(context=1, horizon=1).review("w", Lineage({"load": load}))] == ["w"]
    assert list(Window(context=1, horizon=1).review("w", Lineage({}))) == []


@pytest.mark.parametrize(
    "wrong", [{"horizon": 0}, {"context": 0}, {"stride": 0}, {"context": 10**7}, {"horizon": 10**6}]
)
def test_sizes_are_bounded(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Window(**{"context": 5, "horizon": 3} | wrong)


def test_a_second_window_in_one_lineage_is_refused():
    first, second = Window(context=1, horizon=1), Window(context=2, horizon=1)
    (complaint,) = second.review("again", Lineage({"window": first}))
    assert (complaint.step, complaint.at) == ("again", ())
    assert "`window` has cut these series before" in complaint.message


def test_windows_that_lack_values_known_ahead_are_counted(tmp_path):
    """Of a hole in row 20, which `mask` leaves, three train windows have it in their horizon; of one in row 39, one."""
    rows = np.stack([np.arange(40.0), np.where(np.isin(np.arange(40), [20, 39]), np.nan, 1.0)], axis=1)
    frame = pl.DataFrame({"t": range(40), "y": rows[:, 0], "f": rows[:, 1]}).with_columns(pl.col("f").fill_nan(None))
    masked = Missing(fill="none", otherwise="mask")
    data = frame_to_dataset(frame, Roles(time="t", target=("y",), future=("f",)), file="f.csv", missing=masked)
    data = performed(Split(by="time", validation=6, test=8), "rows", data, tmp_path)
    performed(Window(context=5, horizon=3), "parts", data, tmp_path)
    found = summary(tmp_path, "window")
    assert {name: count for name, count in found.items() if "lack" in name} == {
        "train windows that lack values known ahead": 3,
        "test windows that lack values known ahead": 1,
    }
