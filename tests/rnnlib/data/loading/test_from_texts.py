"""Texts become sequences of code points, whatever they are written in; a row that holds no text is refused."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.data.dataset import DataSet
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.errors import DataError

ROLES = Roles(text="said", label="mood")


def loaded(texts: list[Any], roles: Roles = ROLES, **columns: Any) -> DataSet:
    given = {"said": texts, "mood": [f"m{place % 2}" for place in range(len(texts))], **columns}
    return frame_to_dataset(pl.DataFrame(given), roles, file="texts.csv")


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), min_size=1), min_size=1))
def test_every_text_can_be_read_back_from_its_code_points(texts: list[str]) -> None:
    data = loaded(texts)
    pairs = zip(data.offsets[:-1], data.offsets[1:], strict=True)
    assert ["".join(chr(int(point)) for point in data.raw[first:last, 0]) for first, last in pairs] == texts
    assert data.about.columns[0].holds == "characters"


def test_labels_groups_parts_and_static_values_are_those_of_their_row() -> None:
    roles = Roles(sample="id", text="said", label="mood", group="by", part="of", static="size")
    data = loaded(["ab", "c"], roles, id=[7, 9], by=["x", "y"], of=["train", "test"], size=[1.5, 2.5])
    assert data.sequences.to_dict(as_series=False) == {"key": ["7", "9"], "label": ["m0", "m1"], "group": ["x", "y"]}
    assert data.official is not None
    assert data.official.tolist() == [0, 0, 2]
    assert data.static is not None
    assert data.static.tolist() == [[1.5], [2.5]]


def test_numbers_are_texts_as_they_are_written() -> None:
    assert loaded([10, 2]).raw[:, 0].tolist() == [ord("1"), ord("0"), ord("2")]


@pytest.mark.parametrize(
    ("texts", "columns", "message"),
    [
        (["a", ""], {}, "one character or more"),
        (["a", None], {}, "one character or more"),
        ([["a"]], {}, "a text is text"),
        (["a", "b"], {"id": [1, 1]}, "two have the same sample"),
        (["a", "b"], {"id": [1, None]}, "needs the name of its sample"),
        (["a", "b"], {"mood": ["m", None]}, "label"),
    ],
)
def test_rows_without_what_they_need_are_refused(texts: list[Any], columns: dict[str, Any], message: str) -> None:
    roles = Roles(text="said", label="mood", sample="id" if "id" in columns else None)
    with pytest.raises(DataError, match=message) as refused:
        loaded(texts, roles, **columns)
    assert "texts.csv" in str(refused.value)


def test_a_text_alone_is_enough() -> None:
    data = frame_to_dataset(pl.DataFrame({"said": ["abc"]}), Roles(text="said"), file="texts.csv")
    assert data.sequences.to_dict(as_series=False) == {"key": ["1"]}
    assert np.array_equal(data.lengths, [3])


def test_each_of_very_many_files_is_told_from_the_others() -> None:
    files = pl.Series([f"{number:05}.txt" for number in range(40_000)])
    data = frame_to_dataset(pl.DataFrame({"said": ["a"] * len(files)}), Roles(text="said"), file=files)
    assert data.sequences["file"].to_list() == files.to_list()
    with pytest.raises(DataError, match=r"^39999\.txt, column `said`, row 1: every row needs a text"):
        frame_to_dataset(pl.DataFrame({"said": ["a"] * 39_999 + [""]}), Roles(text="said"), file=files)
