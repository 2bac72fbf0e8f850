"""Splits: who is in which part, what is refused, and what never crosses a cut."""

from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.data.about import TimeAxis
from rnnlib.data.dataset import PartOf
from rnnlib.data.splits import ByColumn, ByFiles, ByGroup, ByRandom, ByTime, split
from rnnlib.data.splits.apportion import apportioned
from rnnlib.errors import DataError, Refused
from tests.rnnlib.data.made import DAY, samples, series

TRAIN, VALIDATION, TEST = PartOf.train, PartOf.validation, PartOf.test


def counts(data):
    return {part.name: int(data.rows_of(part).sum()) for part in (TRAIN, VALIDATION, TEST)}


def letters(data):
    """The parts as text, one word per sequence: `TTTVe`, `.` where a row is in none."""
    text = "".join({-1: ".", 0: "T", 1: "V", 2: "e"}[part] for part in data.part.tolist())
    return [text[first:last] for first, last in zip(data.offsets[:-1], data.offsets[1:], strict=True)]


# by time


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"test": 2}, ["TTTTTTTTee", "TTTee"]),
        ({"validation": 1, "test": 2}, ["TTTTTTTVee", "TTVee"]),
        ({"validation": "20%", "test": "20%"}, ["TTTTTTVVee", "TTTVe"]),
        ({"validation": 0.4, "test": 1}, ["TTTTTVVVVe", "TTVVe"]),
        ({"train": 2, "validation": 1, "test": 1}, ["......TTVe", ".TTVe"]),
        ({"train": "60%", "validation": "20%", "test": "20%"}, ["TTTTTTVVee", "TTTVe"]),
        ({"validation": "1h", "test": "2h"}, ["TTTTTTTVee", "TTVee"]),
        ({"validation": 1, "test": 1, "leave": 1}, ["TTTTTTTVe.", "TTVe."]),
        ({"train": 2, "test": "1h", "leave": "20%"}, [".....TTe..", ".TTe."]),
        ({"test": "1d"}, None),
    ],
)
def test_the_last_rows_of_every_series_are_held_out(section, expected):
    data = series([10, 5])
    if expected is None:
        with pytest.raises(DataError, match="`1d` of test"):
            split(data, ByTime(**section), 0)
    else:
        assert letters(split(data, ByTime(**section), 0)) == expected


def days(start, count, zone=None):
    return series([count], step=DAY, start=start, axis=TimeAxis(zone=zone))


def at(moments, zone=None):
    """One series at the given local times."""
    data = series([len(moments)])
    local = pl.Series(moments).str.to_datetime(time_unit="us")
    local = local if zone is None else local.dt.replace_time_zone(zone).dt.convert_time_zone("UTC")
    return replace(data.with_about(time=TimeAxis(zone=zone)), times=local.cast(pl.Int64).to_numpy())


def last_rows(data, duration):
    return counts(split(data, ByTime(test=duration), 0))["test"]


def test_lengths_of_time_count_on_the_calendar():
    assert last_rows(days("2020-01-01", 60), "1mo") == 29  # all of February 2020, which it ends with
    assert last_rows(days("2020-01-01", 59), "1mo") == 31  # 29 January to 28 February
    assert last_rows(days("2019-01-01", 501), "1y") == 366  # 16 May 2019 to 15 May 2020
    assert last_rows(days("2020-01-01", 60), "2w") == 14
    ends = at(["2019-10-31", "2019-11-30", "2019-12-31", "2020-01-31", "2020-02-29"])
    assert last_rows(ends, "2mo") == 2


def test_days_are_days_of_the_zone_and_hours_are_hours():
    # The clocks in Oslo went forward on 29 March 2020.
    midnights = at([f"2020-03-{day}T00:00" for day in range(20, 32)], "Europe/Oslo")
    assert last_rows(midnights, "4d") == 4
    hours = series([24 * 12], start="2020-03-20T23:00", axis=TimeAxis(zone="Europe/Oslo"))
    assert last_rows(hours, "48h") == 48
    assert last_rows(hours, "4d") == 95  # one of them has 23 hours


def test_a_length_of_time_needs_times():
    steps = series([10], step=1, axis=TimeAxis(kind="integer"))
    with pytest.raises(DataError, match="`2d` is a length of time, and the data has whole numbers as time") as refused:
        split(steps, ByTime(test="2d"), 0)
    assert refused.value.at == ("test",)
    timeless = replace(steps.with_about(time=None), times=None)
    with pytest.raises(DataError, match="the data has no time"):
        split(timeless, ByTime(test=1, validation="2d"), 0)
    assert letters(split(timeless, ByTime(test=1, validation=0.2), 0)) == ["TTTTTTTVVe"]


@pytest.mark.parametrize(
    ("section", "at", "message"),
    [
        (
            {"test": 5},
            "test",
            r"`5` of test is more than .* \(`s1`\) can give: it has 5 rows, and train",
        ),
        ({"test": "5h"}, "test", "`5h` of test is more than the shortest series"),
        ({"test": "28d"}, "test", r"`28d` of test is more .* \(`s1`\)"),
        (
            {"test": 2, "validation": 3},
            "validation",
            "has 5 rows, 3 of them before the later parts, and train",
        ),
        ({"test": 2, "train": 4}, "train", "`4` of train is more than the shortest .* 3 of them before"),
        ({"test": 2, "train": "4h"}, "train", "`4h` of train is more than the shortest"),
        ({"test": 2, "leave": 3}, "test", "has 5 rows, 2 of them before the later parts"),
        ({"test": 2, "leave": "5h"}, "leave", "`5h` of leave is more than the shortest series"),
        ({"test": 0.05}, "test", "`0.05` of the 5 rows of series `s1` is not one row: `test` needs more"),
        ({"test": 1, "validation": "30m"}, None, None),
    ],
)
def test_a_part_that_a_series_cannot_give_names_the_series(section, at, message):
    data = series([10, 5])
    if at is None:
        assert letters(split(data, ByTime(**section), 0))[1] == "TTTVe"
        return
    with pytest.raises(DataError, match=message) as refused:
        split(data, ByTime(**section), 0)
    assert refused.value.at == (at,)


def test_a_train_part_may_be_as_long_as_what_is_left():
    assert letters(split(series([6]), ByTime(test=2, train="4h"), 0)) == ["TTTTee"]


def test_whole_sequences_are_not_cut():
    with pytest.raises(Refused, match="write `by: random`"):
        split(samples(["a", "b"]), ByTime(test=1), 0)


@pytest.mark.parametrize("method", [ByTime, ByRandom, ByGroup])
def test_parts_are_shares_of_one_whole(method):
    with pytest.raises(ValueError, match=r"test 70% and|validation 0.4 and test 70% make 1.1"):
        method(validation=0.4, test="70%")
    with pytest.raises(ValueError, match="leave nothing"):
        method(validation=0.5, test="50%")
    assert method(train="10%", validation=0.4, test="50%").train is not None


# by random


def test_whole_sequences_are_drawn_and_the_seed_decides():
    data = samples(["a", "b"] * 20)
    section = ByRandom(validation="15%", test=5)
    found = split(data, section, 7)
    assert all(len(set(word)) == 1 for word in letters(found))
    first = [word[0] for word in letters(found)]
    assert Counter(first) == {"T": 29, "V": 6, "e": 5}
    assert letters(split(data, section, 7)) == letters(found)
    assert letters(split(data, section, 8)) != letters(found)


def test_what_no_part_takes_is_in_none():
    found = split(samples(["a", "b"] * 10), ByRandom(train=4, validation=3, test=3, stratify=True), 0)
    assert Counter(word[0] for word in letters(found)) == {"T": 4, "V": 3, "e": 3, ".": 10}


@pytest.mark.parametrize("spelled", [True, "label"])
def test_stratifying_keeps_the_classes_in_proportion(spelled):
    labels = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
    found = split(samples(labels), ByRandom(validation="10%", test="20%", stratify=spelled), 3)
    of = Counter((label, word[0]) for label, word in zip(labels, letters(found), strict=True))
    assert of == {
        ("a", "T"): 42, ("a", "V"): 6, ("a", "e"): 12, ("b", "T"): 21, ("b", "V"): 3, ("b", "e"): 6,
        ("c", "T"): 7, ("c", "V"): 1, ("c", "e"): 2,
    }  # fmt: skip


def test_without_stratifying_the_proportions_are_left_to_chance():
    labels = ["a", "b"] * 50
    found = [split(samples(labels), ByRandom(test="20%"), seed) for seed in range(5)]
    shares = {
        sum(word[0] == "e" and label == "a" for label, word in zip(labels, letters(one), strict=True)) for one in found
    }
    assert len(shares) > 1


@given(
    members=st.lists(st.integers(3, 60), min_size=2, max_size=6),
    parts=st.tuples(st.floats(0.05, 0.4), st.floats(0.05, 0.4)),
)
def test_apportioning_keeps_every_size_and_reaches_every_cell(members, parts):
    whole = sum(members)
    held_out = [max(len(members), round(whole * part)) for part in parts]
    if whole - sum(held_out) < len(members):
        return
    sizes = [*held_out, whole - sum(held_out)]
    table = apportioned(members, sizes)
    assert table.sum(0).tolist() == sizes
    assert table.sum(1).tolist() == members
    assert (table >= 1).all()
    wanted = np.outer(members, sizes) / whole
    if (wanted >= 1).all():
        assert np.abs(table - wanted).max() < 2


@pytest.mark.parametrize(
    ("labels", "section", "message"),
    [
        (
            ["a"] * 9 + ["b"] * 2,
            {"validation": 3, "test": 3},
            "each of the 3 parts needs a member of .* `b` has 2",
        ),
        (["a", "b", "c"] * 4, {"test": 2}, "needs a member of each of the 3 classes, and the smallest holds 2"),
        (["a"] * 9, {"test": 2}, "at least two classes, the labels have 1"),
        ([1.5, 2.5] * 5, {"test": 2}, "these labels are numbers"),
        (["a", None] * 5, {"test": 2}, "`s1` has none"),
    ],
)
def test_what_cannot_be_stratified_is_refused(labels, section, message):
    with pytest.raises(DataError, match=message) as refused:
        split(samples(labels), ByRandom(**section, stratify=True), 0)
    assert refused.value.at == ("stratify",)


@pytest.mark.parametrize(
    ("section", "at", "message"),
    [
        ({"test": 0.01}, "test", "`0.01` of 10 sequences is not one of them"),
        ({"test": 10}, "test", "take 10 sequences, train at least one more, and there are 10"),
        ({"test": 5, "validation": 3, "train": 3}, "test", "take 11 sequences, and there are 10"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(section, at, message):
    with pytest.raises(DataError, match=message) as refused:
        split(samples(["a", "b"] * 5), ByRandom(**section), 0)
    assert refused.value.at == (at,)


def test_a_class_that_train_lost_is_named():
    labels = ["a", "b"] * 10 + ["rare"]
    lost = [seed for seed in range(40) if _lost(labels, seed)]
    assert lost
    assert len(lost) < 40
    with pytest.raises(DataError, match="column `label`: every class must be in train, and `rare` is in test"):
        split(samples(labels), ByRandom(test="30%"), lost[0])


def _lost(labels, seed):
    try:
        split(samples(labels), ByRandom(test="30%"), seed)
    except DataError:
        return True
    return False


def test_a_single_class_is_no_question():
    with pytest.raises(DataError, match="needs two classes in train, and it has `a`"):
        split(samples(["a"] * 10), ByRandom(test=2), 0)


def test_numbers_as_labels_need_not_be_in_train():
    assert split(samples([float(number) for number in range(10)]), ByRandom(test=2), 0).part is not None


# by group


def test_no_group_is_in_two_parts():
    groups = [f"g{number % 7}" for number in range(50)]
    found = split(samples(["a", "b"] * 25, groups=groups), ByGroup(validation=2, test="30%"), 1)
    parts = {(group, word[0]) for group, word in zip(groups, letters(found), strict=True)}
    assert Counter(part for _, part in parts) == {"T": 3, "V": 2, "e": 2}
    again = split(samples(["a", "b"] * 25, groups=groups), ByGroup(validation=2, test="30%"), 2)
    assert letters(again) != letters(found)


def test_groups_must_be_named_and_enough():
    with pytest.raises(Refused, match=r"name their column under `load.roles.group`"):
        split(samples(["a", "b"]), ByGroup(test=1), 0)
    with pytest.raises(DataError, match="take 2 groups, train at least one more, and there are 2"):
        split(samples(["a", "b"] * 5, groups=["g", "h"] * 5), ByGroup(test=2), 0)
    with pytest.raises(DataError, match="`s0` has none"):
        split(samples(["a", "b"] * 2, groups=[None, "h", "g", "i"]), ByGroup(test=1), 0)


# official parts


def official(data, words):
    number = {"T": 0, "V": 1, "e": 2}
    return replace(data, official=np.array([number[letter] for letter in "".join(words)], np.int8))


def test_the_columns_parts_are_taken():
    found = split(official(series([4, 3]), ["TTVe", "TTe"]), ByColumn(), 0)
    assert letters(found) == ["TTVe", "TTe"]
    assert found.official is None


def test_validation_is_held_out_from_train():
    found = split(official(series([8, 4, 2]), ["TTTTTTee", "TTTe", "ee"]), ByColumn(validation="34%"), 0)
    assert letters(found) == ["TTTTVVee", "TTVe", "ee"]
    hours = split(official(series([8]), ["TTTTTTee"]), ByColumn(validation="2h"), 0)
    assert letters(hours) == ["TTTTVVee"]
    labels = ["a", "b"] * 10
    data = official(samples(labels, lengths=[1] * 20), ["T" * 10 + "e" * 10])
    section = ByColumn(validation="40%", stratify=True)
    held = split(data, section, 5)
    parts = "".join(letters(held))
    assert parts[10:] == "e" * 10
    assert Counter(zip(parts[:10], labels[:10], strict=True)) == {
        ("V", "a"): 2,
        ("V", "b"): 2,
        ("T", "a"): 3,
        ("T", "b"): 3,
    }
    assert letters(split(data, section, 6)) != letters(held)


@pytest.mark.parametrize(
    ("data", "section", "message", "at"),
    [
        (series([4]), {}, r"name it under `load.roles.part`", ("by",)),
        (official(series([4]), ["TTVe"]), {"validation": 1}, "there is one", ("validation",)),
        (official(series([4]), ["TTTe"]), {"validation": 1, "stratify": True}, "nothing to stratify", ("stratify",)),
        (official(series([4]), ["TTTe"]), {"validation": 3}, "`3` of validation is more", ("validation",)),
        (official(samples(["a", "b"], lengths=[1, 1]), ["Te"]), {"validation": "1d"}, "a share or a", ("validation",)),
        (official(series([4]), ["TTTT"]), {}, "the test part has no rows", ("by",)),
        (official(series([4]), ["eeee"]), {}, "the train part has no rows", ("by",)),
        (official(series([4]), ["TeTT"]), {}, "in `s0` a later part comes first", ("by",)),
        (official(samples(["a", "b"], lengths=[2, 1]), ["Tee"]), {}, "`s0` in two", ("by",)),
    ],
)  # fmt: skip
def test_official_parts_that_do_not_hold_are_refused(data, section, message, at):
    with pytest.raises(Refused, match=message) as refused:
        split(data, ByColumn(**section), 0)
    assert refused.value.at == at


@pytest.mark.parametrize("method", [ByColumn, lambda stratify: ByFiles(test=("a",), stratify=stratify)])
def test_stratifying_nothing_is_refused(method):
    with pytest.raises(ValueError, match=r"`stratify` is for a"):
        method(stratify=True)


# files


def from_files(data, files):
    return replace(data, sequences=data.sequences.with_columns(file=pl.Series(files)))


def test_each_file_is_of_one_part():
    data = from_files(series([2, 2, 2, 2]), ["d/a1.csv", "d/a2.csv", "d/b.csv", "d/c.csv"])
    section = ByFiles(train=("a*.csv",), validation=("d/b.csv",), test=("c.csv",))
    assert letters(split(data, section, 0)) == ["TT", "TT", "VV", "ee"]
    assert letters(split(data, ByFiles(test=("c.csv",)), 0)) == ["TT", "TT", "TT", "ee"]
    assert letters(split(data, ByFiles(test=("c.csv",), validation=1), 0)) == ["TV", "TV", "TV", "ee"]


def test_a_series_may_run_over_files():
    data = replace(
        series([5]).with_about(files={"a.csv": "", "b.csv": ""}), file_of_row=np.array([0, 0, 0, 1, 1], np.int16)
    )
    assert letters(split(data, ByFiles(train=("a.csv",), test=("b.csv",)), 0)) == ["TTTee"]


@pytest.mark.parametrize(
    ("section", "message", "at"),
    [
        ({"test": ("x.csv",)}, r"no file of the source matches `x.csv`: it has a.csv, b.csv", ("test", 0)),
        ({"train": ("a.csv",), "test": ("*.csv",)}, r"`a.csv` is in train and test", ("test", 0)),
        (
            {"train": ("a.csv",), "validation": ("b.csv",), "test": ("a.csv",)},
            r"`a.csv` is in train and test",
            ("test", 0),
        ),
    ],
)
def test_files_in_no_part_or_two_are_refused(section, message, at):
    with pytest.raises(DataError, match=message) as refused:
        split(from_files(series([2, 2]), ["a.csv", "b.csv"]), ByFiles(**section), 0)
    assert refused.value.at == at


def test_a_file_that_is_left_over_is_refused_where_train_names_its_own():
    data = from_files(series([2, 2, 2]), ["a.csv", "b.csv", "c.csv"])
    with pytest.raises(DataError, match=r"`c.csv` to none"):
        split(data, ByFiles(train=("a.csv",), test=("b.csv",)), 0)
    with pytest.raises(Refused, match=r"let `load.source.path` match several"):
        split(series([2, 2]), ByFiles(test=("b.csv",)), 0)


# facts, and filling


def test_the_cuts_are_noted():
    found = split(series([6, 4]), ByTime(validation=1, test=2), 0)
    assert found.about.split["section"] == {"by": "time", "train": None, "validation": 1, "test": 2, "leave": None}
    assert found.about.split["parts"]["test"] == {
        "rows": 4, "sequences": 2, "from": "2020-01-01T02:00:00", "to": "2020-01-01T05:00:00",
    }  # fmt: skip
    assert found.about.holdout == found.holdout_digest()
    aware = split(series([6], axis=TimeAxis(zone="Europe/Oslo")), ByTime(test=2), 0)
    assert aware.about.split["parts"]["test"]["to"] == "2020-01-01T06:00:00+01:00"
    steps = split(series([6], step=1, start="1970-01-01", axis=TimeAxis(kind="integer")), ByTime(test=2), 0)
    assert steps.about.split["parts"]["test"]["to"] == "5"


def holes(data, rows, policy):
    raw = data.raw.copy()
    raw[rows] = np.nan
    return replace(data.with_about(missing=policy), raw=raw, observed=~np.isnan(raw))


def test_each_part_is_filled_from_itself_and_what_is_before_it():
    data = holes(series([8, 4]), [2, 4, 5, 9], {"fill": "interpolate"})
    found = split(data, ByTime(validation=2, test=1), 0)
    raw = found.raw[:, 0]
    assert letters(found)[0] == "TTTTTVVe"
    assert raw[2] == (raw[1] + raw[3]) / 2
    assert raw[4] == raw[3]  # the last value of train: its neighbour to the right is in validation
    assert np.isclose(raw[5], raw[3] + (raw[6] - raw[3]) * 2 / 3)
    assert found.observed is not None
    assert not found.observed[[2, 4, 5, 9]].any()
    assert np.isnan(data.raw[2, 0])


def test_what_the_policy_refuses_is_refused():
    data = holes(series([8]), [0], {"fill": "forward"})
    with pytest.raises(DataError, match="row 1 of sequence s0") as refused:
        split(data, ByTime(test=2), 0)
    assert refused.value.at == ()
    masked = split(holes(series([8]), [0], {"fill": "forward", "otherwise": "mask"}), ByTime(test=2), 0)
    assert np.isnan(masked.raw[0, 0])


def test_a_hole_without_a_mask_gets_one():
    data = replace(holes(series([8]), [3], {"fill": "forward"}), observed=None)
    found = split(data, ByTime(test=2), 0)
    assert found.observed[:, 0].tolist() == [True] * 3 + [False] + [True] * 4
    assert found.raw[3, 0] == found.raw[2, 0]


def test_rows_without_holes_are_the_very_same_array():
    data = series([8]).with_about(missing={"fill": "forward"})
    assert split(data, ByTime(test=2), 0).raw is data.raw
