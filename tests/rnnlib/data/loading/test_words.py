"""Categories are read as their places in an alphabetical list."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.loading.words import Coded, coded
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.roles import Roles
from rnnlib.errors import DataError


def read(values: list[Any]) -> Coded:
    return coded(SourceColumn(pl.Series("c", values), Origin.of("c.csv", trained=False), ("roles",)))


@pytest.mark.parametrize(
    ("values", "words", "codes"),
    [
        (["b", "a", "b"], ("a", "b"), [1, 0, 1]),
        (["b", None, "", "a"], ("a", "b"), [1, np.nan, np.nan, 0]),
        ([10, 9, 10], ("10", "9"), [0, 1, 0]),
        ([True, False], ("false", "true"), [1, 0]),
        (["e\u0301", "b", "\u00e9"], ("b", "\u00e9"), [1, 0, 1]),
        ([2.0, 1.0, 0.5], ("0.5", "1", "2"), [2, 1, 0]),
    ],
)
def test_codes_are_places_in_the_alphabet(values: list[Any], words: tuple[str, ...], codes: list[float]) -> None:
    found = read(values)
    assert found.words == words
    assert np.array_equal(found.codes, np.array(codes, float), equal_nan=True)


def test_lists_are_no_categories() -> None:
    with pytest.raises(DataError, match="categories are text or numbers"):
        read([["a"], ["b"]])


def test_a_data_set_knows_what_its_codes_stand_for() -> None:
    roles = Roles(sample="id", features=["word", "size"], tags="tag", categorical="word")
    frame = pl.DataFrame({"id": [1, 1, 2], "word": ["to", "go", "to"], "size": [1.0, 2.0, 3.0], "tag": ["p", "v", "p"]})
    data = frame_to_dataset(frame, roles, file="words.csv")
    assert [column.holds for column in data.about.columns] == ["words", "numbers"]
    assert data.about.words == {"word": ("go", "to")}
    assert data.raw.tolist() == [[1, 1], [0, 2], [1, 3]]


def test_labels_and_groups_that_look_alike_are_alike_and_keys_that_do_are_refused() -> None:
    columns = {"k": ["1", "2"], "x": [1.0, 2.0], "y": ["\u00e9", "e\u0301"]}
    roles = Roles(sample="k", features="x", label="y")
    assert frame_to_dataset(pl.DataFrame(columns), roles, file="f.csv").sequences["label"].to_list() == ["\u00e9"] * 2
    grouped = frame_to_dataset(
        pl.DataFrame({**columns, "l": [1, 2]}), Roles(sample="k", features="x", label="l", group="y"), file="f.csv"
    )
    assert grouped.sequences["group"].to_list() == ["\u00e9"] * 2
    with pytest.raises(DataError, match=r"f\.csv, column `y`, row 2: two keys look alike"):
        frame_to_dataset(pl.DataFrame(columns), Roles(series="y", target="x"), file="f.csv")
