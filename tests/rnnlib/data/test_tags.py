"""Truths of single steps: read, gathered, counted where they are known, and kept from seeing other parts."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from pydantic import ValidationError

from rnnlib.data.batching.batches import batches, examples_of
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.loading.reading import Reading
from rnnlib.data.missing import Missing
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByColumn, split
from rnnlib.data.tags import check_binary, check_known, tag_classes
from rnnlib.errors import DataError

NAN = float("nan")
WORDS = ["x", "y", None, "", "z"]


def dataset(tags: str | list[str], **columns: Any) -> DataSet:
    frame = pl.DataFrame(
        {"id": [0, 0, 0, 1, 1], "a": [1.0, 2, 3, 4, 5], "b": [0, 1, 0, 1, None], "w": WORDS, **columns}
    )
    return frame_to_dataset(frame, Roles(sample="id", features=["a"], tags=tags), file="f.csv")


def shown(data: DataSet, classes: tuple[str, ...] | None = None) -> Any:
    (batch,) = batches(data, examples_of(data, PartOf.train), torch.arange(2), 2, classes=classes)
    return batch


def parts(data: DataSet, *of_sequence: PartOf) -> DataSet:
    return replace(data, part=np.repeat(np.array(of_sequence, np.int8), data.lengths))


def test_words_are_places_in_a_sorted_list_and_empty_ones_are_not_known() -> None:
    data = dataset("w")
    np.testing.assert_array_equal(data.tags, [[0], [1], [NAN], [NAN], [2]])
    assert (data.about.tags, data.about.tag_words) == (("w",), ("x", "y", "z"))
    batch = shown(data, tag_classes(data))
    assert batch.tags.tolist() == [[0, 2, 0], [0, 1, 0]]
    assert batch.tags_observed.tolist() == [[False, True, False], [True, True, False]]
    assert batch.label is None


def test_numbers_stay_numbers_and_may_be_features_too() -> None:
    data = dataset(["a", "b"])
    assert data.about.tag_words is None
    batch = shown(data)
    assert batch.tags.tolist() == [[[4, 1], [5, 0], [0, 0]], [[1, 0], [2, 1], [3, 0]]]
    assert batch.tags_observed.all(-1).tolist() == [[True, False, False], [True] * 3]
    assert data.about.names == {"sample": "id"}


def test_whole_numbers_are_classes_by_value() -> None:
    data = dataset("n", n=[10, 9, 10, None, 9])
    assert tag_classes(data) == ("9", "10")
    assert shown(data, ("9", "10")).tags.tolist() == [[0, 0, 0], [1, 0, 1]]
    assert shown(data, ("10", "9")).tags.tolist() == [[0, 1, 0], [0, 1, 0]], "in the order that is asked for"


def test_prediction_reads_no_tags() -> None:
    data = dataset("w")
    (batch,) = batches(data, examples_of(data, PartOf.train), torch.arange(2), 2, truth=False)
    assert (batch.tags, batch.tags_observed) == (None, None)


def test_inserted_rows_have_no_tag() -> None:
    frame = pl.DataFrame({"id": [0, 0], "t": [1, 3], "u": [1, 1], "a": [1.0, 2], "w": ["x", "y"]})
    extra = pl.DataFrame({"id": [1, 1], "t": [1, 2], "u": [1, 1], "a": [1.0, 2], "w": ["x", "y"]})
    roles = Roles(sample="id", time="t", features=["a"], tags="w")
    data = frame_to_dataset(pl.concat([frame, extra]), roles, file="f.csv", missing=Missing(fill="forward"))
    np.testing.assert_array_equal(data.tags[:, 0], [0, NAN, 1, 0, 1])


def test_a_class_that_train_lacks_is_refused() -> None:
    data = parts(dataset("w"), PartOf.train, PartOf.test)
    with pytest.raises(DataError, match=r"the test part has the tag `z`, which the train part does not have \(x, y\)"):
        tag_classes(data)
    with pytest.raises(DataError, match="none of the 2 classes"):
        shown(replace(data, part=None), ("x", "y"))


@pytest.mark.parametrize(
    ("tags", "columns", "message"),
    [
        ("n", {"n": [1, 1, 1, 1, 1]}, "at least two of them in the train part, it has only `1`"),
        ("n", {"n": [1.5, 1, 1, 1, 1]}, "a class is a word or a whole number, and `n` holds 1.5"),
        (["a", "b"], {}, "one column of tags, received 2"),
        (["a", "w"], {}, "several columns of tags are numbers, and `w` holds words"),
    ],
)
def test_what_is_no_class_is_refused(tags: str | list[str], columns: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as refused:
        tag_classes(dataset(tags, **columns))
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("roles", "at", "message"),
    [
        ({"sample": "i", "features": "a", "label": "b", "tags": "w"}, ("tags",), "one `label`, or `tags`"),
        ({"features": "a", "tags": "w"}, (), "roles need `sample`"),
        ({"target": "a", "tags": "w"}, ("tags",), "keep one kind"),
        ({"sample": "i", "features": "a", "tags": ["w", "w"]}, ("tags", 1), "one role"),
        ({"sample": "i", "features": "a", "tags": ["i"]}, ("tags", 0), "one role"),
    ],
)
def test_roles_that_do_not_go_together(roles: dict[str, Any], at: tuple[str | int, ...], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Roles(**roles)
    error = refused.value.errors()[0]
    assert message in error["msg"]
    assert error["ctx"]["at"] == at


def test_tags_have_no_mean() -> None:
    roles = {"sample": "i", "time": "t", "features": "a", "tags": "w"}
    with pytest.raises(ValidationError, match="keep the tags of one"):
        Reading.model_validate({"source": {"kind": "csv", "path": "f"}, "roles": roles, "duplicates": "mean"})


def test_categories_have_no_mean() -> None:
    """The code between two words is that of a third."""
    section = {"source": {"kind": "csv", "path": "f"}, "duplicates": "mean"}
    roles = {"series": "s", "time": "t", "target": "y", "past": "c", "categorical": "c"}
    with pytest.raises(ValidationError, match="no mean of categories such as `c`: write `first` or `last`"):
        Reading.model_validate({**section, "roles": roles})
    Reading.model_validate({**section, "roles": {**roles, "past": (), "static": "c"}})


def test_a_model_is_asked_without_them() -> None:
    trained = dataset("w").about
    roles = Roles.model_validate(trained.roles)
    for frame in ({"id": [7], "a": [1.0]}, {"id": [7], "a": [1.0], "w": ["never seen"]}):
        data = frame_to_dataset(pl.DataFrame(frame), roles, file="f.csv", expected=trained)
        assert (data.tags, data.raw.tolist()) == (None, [[1.0]])


def official(held_out: list[str]) -> DataSet:
    words = ["a", "b", "c", None] * 3
    ids, part = np.arange(20) // 4, np.where(np.arange(20) < 12, "train", "test")
    frame = pl.DataFrame({"id": ids, "v": np.arange(20.0), "w": [*words, *held_out], "part": part})
    data = frame_to_dataset(frame, Roles(sample="id", features="v", tags="w", part="part"), file="f.csv")
    return split(data, ByColumn(validation=1), 3)


def test_tags_of_other_parts_change_nothing_in_train() -> None:
    one, other = official(["a"] * 8), official(["A", "b", None, "d", "aa", "c", "c", "z"])
    assert one.about.holdout != other.about.holdout, "the holdout knows its tags"
    found = []
    for data in (one, other):
        classes = ("a", "b", "c")
        order = torch.arange(len(examples_of(data, PartOf.train)))
        found.append(list(batches(data, examples_of(data, PartOf.train), order, 2, classes=classes)))
    for ours, theirs in zip(*found, strict=True):
        assert torch.equal(ours.tags, theirs.tags)
        assert torch.equal(ours.tags_observed, theirs.tags_observed)
    assert tag_classes(one) == ("a", "b", "c")
    with pytest.raises(DataError, match="the test part has the tag"):
        tag_classes(other)


def test_tags_are_stored(tmp_path: Any) -> None:
    data = official(["a"] * 8)
    data.save(tmp_path)
    again = DataSet.open(tmp_path)
    np.testing.assert_array_equal(again.tags, data.tags)
    assert again.about == data.about
    assert again.holdout_digest() == data.about.holdout


def test_a_sequence_without_a_known_tag_is_refused() -> None:
    data = parts(dataset("n", n=[1, 2, None, None, 3]), PartOf.train, PartOf.validation)
    for ahead in (0, 1):
        check_known(data, ahead)
    with pytest.raises(DataError, match="sequence `0` has no known tag behind its first 2 steps, and `ahead: 2`"):
        check_known(data, 2)
    with pytest.raises(DataError, match="sequence `1` has no known tag: give it one"):
        check_known(parts(dataset("n", n=[1, 2, 1, None, None]), PartOf.train, PartOf.validation), 0)
    check_known(parts(dataset("n", n=[1, 2, 1, None, None]), PartOf.train, PartOf.test), 0)


@pytest.mark.parametrize(
    ("tags", "columns", "message"),
    [
        (["b", "n"], {"n": [0, 1, 2, 0, 0]}, "hold 0 and 1: received 2 in sequence `0`"),
        ("w", {}, "hold 0 and 1, and `w` holds words"),
    ],
)
def test_what_is_neither_true_nor_false_is_refused(
    tags: str | list[str], columns: dict[str, Any], message: str
) -> None:
    check_binary(dataset("b"))
    with pytest.raises(DataError, match=message):
        check_binary(dataset(tags, **columns))
