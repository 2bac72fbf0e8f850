from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError
from rnnlib.models import Shape
from rnnlib.training import classes_of, shape_of
from tests.rnnlib.training.toys import CLASSES, KINDS, sequences, toy


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_data_gives_is_what_the_models_take(kind: str) -> None:
    known = toy(kind)
    classes = classes_of(known.section.model, known.data)
    assert classes == known.classes
    assert shape_of(known.data, classes) == known.shape


def test_static_values_are_counted() -> None:
    data = sequences().with_about(static=("age", "height"))
    assert shape_of(data, CLASSES) == Shape(inputs=2, static=2, classes=2)


def relabelled(data: DataSet, part: PartOf, label: str | None) -> DataSet:
    """The data with another label for one sequence of a part; the last of the sequences become test."""
    assert data.part is not None
    of_sequence = np.where(np.arange(60) > 50, PartOf.test, data.part[data.offsets[:-1]])
    at = int(np.flatnonzero(of_sequence == part)[0])
    labels = data.sequences["label"].to_list()
    labels[at] = label
    return replace(
        data,
        part=np.repeat(of_sequence, data.lengths).astype(np.int8),
        sequences=data.sequences.with_columns(label=pl.Series(labels, dtype=data.sequences["label"].dtype)),
    )


@pytest.mark.parametrize("part", [PartOf.validation, PartOf.test])
def test_a_class_that_train_has_not_is_refused(part: PartOf) -> None:
    with pytest.raises(DataError, match="`furious`, which the train part does not have") as refused:
        classes_of(toy("classifier").section.model, relabelled(sequences(), part, "furious"))
    assert refused.value.column == "mood"


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
@pytest.mark.parametrize("part", [PartOf.train, PartOf.validation, PartOf.test])
def test_a_missing_label_is_refused(kind: str, part: PartOf) -> None:
    known = toy(kind)
    with pytest.raises(DataError, match="has no label"):
        classes_of(known.section.model, relabelled(known.data, part, None))


def test_words_are_no_numbers() -> None:
    with pytest.raises(DataError, match="these are words"):
        classes_of(toy("regressor").section.model, sequences())
