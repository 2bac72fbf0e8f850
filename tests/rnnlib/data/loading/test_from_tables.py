"""Tables become data sets: sequences, gaps, duplicates, labels, parts and files."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlib.data.dataset import DataSet
from rnnlib.data.loading import frame_to_dataset, load
from rnnlib.data.loading.reading import Reading
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.times.time import shown_times
from rnnlib.errors import DataError
from rnnlib.place import Place
from rnnlib.quantities import Duration

MASK = Missing(fill="none", otherwise="mask")
NAN = float("nan")


def hours(*numbers: int) -> list[datetime]:
    return [datetime(2024, 1, 1) + timedelta(hours=number) for number in numbers]


def dataset(columns: dict[str, Any], roles: dict[str, Any], **options: Any) -> DataSet:
    return frame_to_dataset(pl.DataFrame(columns), Roles.model_validate(roles), file="f.csv", **options)


def test_columns_stand_in_the_order_of_their_roles_with_units() -> None:
    data = dataset(
        {"f": [1, 2], "y": [3.5, 4.5], "b": [True, False], "other": ["x", "y"]},
        {"target": "y", "past": "b", "future": "f"},
        units={"y": "ppm"},
    )
    assert data.raw.tolist() == [[3.5, 1, 1], [4.5, 0, 2]]
    assert data.raw.flags.c_contiguous
    assert [(column.name, column.unit) for column in data.about.columns] == [("y", "ppm"), ("b", None), ("f", None)]
    assert data.about.types == {"y": "number", "b": "true or false", "f": "whole number"}
    assert data.about.ignored == ("other",)
    assert data.sequences["key"].to_list() == ["all"]
    assert (data.observed, data.times, data.about.time) == (None, None, None)
    assert Roles.model_validate(data.about.roles) == Roles(target="y", past="b", future="f")


def test_series_stand_in_the_order_of_their_first_rows() -> None:
    data = dataset(
        {"s": [9, 2, 9, 2], "t": hours(0, 0, 1, 1), "y": [1, 2, 3, 4]}, {"series": "s", "time": "t", "target": "y"}
    )
    assert data.sequences["key"].to_list() == ["9", "2"]
    assert data.offsets.tolist() == [0, 2, 4]
    assert data.raw[:, 0].tolist() == [1, 3, 2, 4]
    assert data.about.time is not None
    assert data.about.time.every == "1h"
    assert data.about.repairs == {}


def test_samples_are_whole_sequences_with_a_label() -> None:
    data = dataset(
        {"i": ["b", "b", "a"], "x": [1, 2, 3], "y": [0, 0, 1], "g": ["p", "p", "q"], "w": [5, 5, 6]},
        {"sample": "i", "features": "x", "label": "y", "group": "g", "static": "w"},
    )
    assert data.sequences.to_dict(as_series=False) == {"key": ["b", "a"], "label": [0, 1], "group": ["p", "q"]}
    assert data.static is not None
    assert data.static.tolist() == [[5], [6]]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([True, False], ["true", "false"]), (["x", "y"], ["x", "y"]), ([1.5, 2], [1.5, 2.0])],
)
def test_labels_are_text_or_numbers(labels: list[Any], expected: list[Any]) -> None:
    data = dataset({"i": [1, 2], "x": [1, 2], "y": labels}, {"sample": "i", "features": "x", "label": "y"})
    assert data.sequences["label"].to_list() == expected


def test_gaps_become_missing_rows() -> None:
    data = dataset(
        {"t": hours(0, 1, 4), "y": [1.0, None, 3.0], "p": ["train", "train", "test"]},
        {"time": "t", "target": "y", "part": "p"},
        every=Duration.read("1h"),
        missing=MASK,
    )
    assert np.array_equal(data.raw[:, 0], [1, NAN, NAN, NAN, 3], equal_nan=True)
    assert data.observed is not None
    assert data.observed[:, 0].tolist() == [True, False, False, False, True]
    assert data.times is not None
    assert data.about.time is not None
    assert shown_times(data.times, data.about.time).to_list() == hours(0, 1, 2, 3, 4)
    assert data.about.repairs == {"rows inserted": 2}
    assert data.official is not None
    assert data.official.tolist() == [0, 0, 0, 0, 2]
    assert data.about.missing == {"fill": "none", "otherwise": "mask"}


def test_whole_numbers_need_no_step_to_be_made_regular() -> None:
    data = dataset({"t": [0, 2, 4, 8], "y": [1, 2, 3, 4]}, {"time": "t", "target": "y"}, missing=MASK)
    assert data.times is not None
    assert data.times.tolist() == [0, 2, 4, 6, 8]


@pytest.mark.parametrize(
    ("duplicates", "expected"), [("first", [1.0, 2.0]), ("last", [1.0, 4.0]), ("mean", [1.0, 3.0])]
)
def test_duplicates_become_one_row(duplicates: str, expected: list[float]) -> None:
    data = dataset(
        {"t": hours(0, 1, 1, 1), "y": [1.0, 2.0, None, 4.0]},
        {"time": "t", "target": "y"},
        duplicates=duplicates,
        missing=MASK,
    )
    assert data.raw[:, 0].tolist() == expected
    assert data.about.repairs == {"duplicate rows": 2}


def test_rows_are_sorted_where_that_is_allowed() -> None:
    columns = {"s": [1, 1, 2, 2], "t": hours(1, 0, 0, 1), "y": [1, 2, 3, 4]}
    data = dataset(columns, {"series": "s", "time": "t", "target": "y"}, unsorted="sort")
    assert data.raw[:, 0].tolist() == [2, 1, 3, 4]
    assert data.about.repairs == {"rows moved": 2}
    apart = {"i": [1, 2, 1], "x": [1, 2, 3], "y": [0, 1, 0]}
    gathered = dataset(apart, {"sample": "i", "features": "x", "label": "y"}, unsorted="sort")
    assert gathered.raw[:, 0].tolist() == [1, 3, 2]
    assert gathered.about.repairs == {"rows moved": 2}


def test_the_file_of_each_sequence_or_row_is_kept(tmp_path: Path) -> None:
    (tmp_path / "d1.csv").write_text("s,t,y\na,0,1\na,1,2\n")
    (tmp_path / "d2.csv").write_text("s,t,y\nb,0,3\n")
    section = {"source": {"kind": "csv", "path": "d*.csv"}, "roles": {"series": "s", "time": "t", "target": "y"}}
    place = Place(tmp_path, tmp_path)
    data = load(Reading.model_validate(section), place)
    assert data.sequences["file"].to_list() == ["d1.csv", "d2.csv"]
    assert (data.file_of_row, list(data.about.files)) == (None, ["d1.csv", "d2.csv"])
    (tmp_path / "d2.csv").write_text("s,t,y\na,3,3\n")
    data = load(Reading.model_validate({**section, "missing": {"fill": "forward"}}), place)
    assert "file" not in data.sequences.columns
    assert data.file_of_row is not None
    assert data.file_of_row.tolist() == [0, 0, 0, 1]
    data.save(tmp_path / "kept")
    opened = DataSet.open(tmp_path / "kept")
    assert opened.file_of_row is not None
    assert opened.file_of_row.tolist() == [0, 0, 0, 1]
    assert opened.about == data.about


def test_an_error_names_the_file_and_its_row_among_several(tmp_path: Path) -> None:
    (tmp_path / "d1.csv").write_text("y\n1\n2\n")
    (tmp_path / "d2.csv").write_text("y\n1\nx\n")
    section = Reading.model_validate({"source": {"kind": "csv", "path": "d*.csv"}, "roles": {"target": "y"}})
    with pytest.raises(DataError, match=r"d2\.csv, column `y`, row 2: expected a number .*received `x`") as refused:
        load(section, Place(tmp_path, tmp_path))
    assert refused.value.at == ("roles", "target", 0)


def test_a_text_column_of_numbers_may_be_a_number() -> None:
    assert dataset({"y": ["007", None, " 2"]}, {"target": "y"}, missing=MASK).raw[::2, 0].tolist() == [7, 2]


@settings(deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 30), min_size=1), min_size=1, max_size=3),
    st.sampled_from(["1h", "1d", "1mo"]),
    st.randoms(use_true_random=False),
)
def test_a_regular_grid_holds_every_row_once(present: list[set[int]], every: str, shuffle: Any) -> None:
    first = pl.Series([datetime(2020, 1, 31)])
    unit = every[1:]
    rows = [(key, step) for key, steps in enumerate(present) for step in steps]
    shuffle.shuffle(rows)
    frame = pl.DataFrame(
        {
            "s": [f"s{key}" for key, _ in rows],
            "t": pl.concat([first.dt.offset_by(f"{step + 1}{unit}") for _, step in rows]),
            "y": [float(100 * key + step) for key, step in rows],
        }
    )
    roles = Roles(series="s", time="t", target="y")
    options: Any = {"file": "f", "every": Duration.read(every), "missing": MASK, "unsorted": "sort"}
    data = frame_to_dataset(frame, roles, **options)
    for key, bounds in zip(data.sequences["key"], zip(data.offsets[:-1], data.offsets[1:], strict=True), strict=True):
        number = int(key[1:])
        steps = sorted(present[number])
        found = data.raw[slice(*bounds), 0]
        expected = [100 * number + step if step in present[number] else NAN for step in range(steps[0], steps[-1] + 1)]
        assert np.array_equal(found, expected, equal_nan=True)
    assert data.times is not None
    again = frame_to_dataset(
        pl.DataFrame(
            {
                "s": data.sequences["key"].gather(data.sequence_of_row),
                "t": pl.Series(data.times).cast(pl.Datetime("us")),
                "y": pl.Series(data.raw[:, 0]),
            }
        ),
        roles,
        **options,
    )
    assert np.array_equal(again.raw, data.raw, equal_nan=True)
    assert again.about.repairs == {}


UNSPELLED = {
    "length of time": pl.Series([timedelta(1)] * 2),
    "list": pl.Series([[1], [1]]),
    "structure": pl.Series([{"a": 1}] * 2),
    "bytes": pl.Series([b"\xff"] * 2),
}


@pytest.mark.parametrize("kind", UNSPELLED)
@pytest.mark.parametrize(
    "roles",
    [
        {"sample": "k", "features": "y", "label": "x"},
        {"sample": "k", "features": "y", "label": "l", "group": "x"},
        {"sample": "x", "features": "y", "label": "k"},
        {"target": "y", "part": "x"},
        {"target": "y", "past": "x", "categorical": "x"},
        {"target": "y", "static": "x"},
        {"sample": "k", "features": "y", "tags": "x"},
        {"text": "x"},
        {"target": "x"},
        {"target": "y", "time": "x"},
    ],
)
def test_values_that_have_no_text_are_refused(roles: dict[str, Any], kind: str) -> None:
    with pytest.raises(DataError, match=r"f\.csv, column `x`"):
        dataset({"x": UNSPELLED[kind], "y": [1.0, 2.0], "k": ["a", "a"], "l": ["b", "b"]}, roles)


@pytest.mark.parametrize("dtype", [pl.UInt64, pl.Int128])
def test_a_label_beyond_64_bits_is_refused(dtype: Any) -> None:
    roles = {"sample": "k", "features": "y", "label": "x"}
    with pytest.raises(DataError, match="a label that is a whole number has at most 64 bits"):
        dataset({"x": pl.Series([2**63] * 2, dtype=dtype), "y": [1, 2], "k": ["a", "a"]}, roles)
    data = dataset({"x": pl.Series([7] * 2, dtype=dtype), "y": [1, 2], "k": ["a", "a"]}, roles)
    assert data.sequences["label"].to_list() == [7]


def test_thousands_are_told_from_decimal_commas() -> None:
    for values, message in (
        (["1,234", "12"], "no comma, as there may stand between thousands"),
        (["1,234", "1,5"], "not a decimal comma"),
        (["1.234,5"], "not a decimal comma"),
    ):
        with pytest.raises(DataError, match=message):
            dataset({"y": values}, {"target": "y"})
