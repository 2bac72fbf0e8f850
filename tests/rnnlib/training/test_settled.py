"""What a section leaves to the data is settled by the train part, and a target that cannot be forecast is refused."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

from rnnlib.data.about import About, Column
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError, ModelError, Refused
from rnnlib.models import Classifier, Forecaster
from rnnlib.training import Training
from rnnlib.training.settled import class_counts, settled

LAYERS = [{"kind": "rnn", "units": 3}]


def faults() -> DataSet:
    """Eight sequences of two rows: three fine ones and a fault in train, faults alone behind it."""
    labels = ["fine", "fault", "fine", "fine", "fault", "fault", "fault", "fault"]
    return DataSet(
        about=About(columns=(Column(name="v", role="features"),), names={"label": "what", "sample": "id"}),
        raw=np.zeros((16, 1)),
        offsets=np.arange(0, 17, 2),
        sequences=pl.DataFrame({"key": list("abcdefgh"), "label": labels}),
        part=np.repeat(np.array([PartOf.train] * 4 + [PartOf.validation] * 2 + [PartOf.test] * 2, np.int8), 2),
    )


def sales(values: list[float], **about: object) -> DataSet:
    columns = (Column(name="sold", role="target"),)
    return DataSet(
        about=About(columns=columns, window={"context": 2, "horizon": 1, "stride": 1}, **about),
        raw=np.array(values, np.float64)[:, None],
        offsets=np.array([0, len(values)]),
        sequences=pl.DataFrame({"key": ["a"]}),
        part=np.full(len(values), PartOf.train, np.int8),
    )


def section(loss: dict[str, object]) -> Training:
    return Training(model=Classifier(layers=LAYERS, loss=loss))


@pytest.mark.parametrize("kind", ["cross_entropy", "focal"])
def test_balanced_counts_the_train_part_alone(kind: str) -> None:
    data, classes = faults(), ("fault", "fine")
    assert class_counts(data, classes) == {"fault": 1, "fine": 3}
    loss = settled(section({"kind": kind, "class_weights": "balanced"}), data, classes).model.loss
    assert loss.weights(torch.zeros(1, 2)).tolist() == pytest.approx([4 / 2, 4 / 6])


def test_balanced_counts_the_tags_of_train_steps() -> None:
    data = faults()
    tags = np.array([0, 0, 1, 0, np.nan, 0, 0, 2, *[1] * 8], np.float64)[:, None]
    about = data.about.model_copy(update={"tags": ("tag",), "names": {"sample": "id"}})
    data = replace(data, about=about, tags=tags, sequences=data.sequences.drop("label"))
    assert class_counts(data, ("0", "1", "2")) == {"0": 5, "1": 1, "2": 1}


def test_weights_by_name_stand_in_the_order_of_the_classes() -> None:
    given = section({"kind": "cross_entropy", "class_weights": {"fine": 0.5}})
    loss = settled(given, faults(), ("fault", "fine")).model.loss
    assert loss.weights(torch.zeros(1, 2)).tolist() == [1.0, 0.5]


def test_a_section_without_weights_stays_what_it_is() -> None:
    given = section({"kind": "cross_entropy"})
    assert settled(given, faults(), ("fault", "fine")) is given


def test_a_weight_of_a_class_that_there_is_not() -> None:
    given = section({"kind": "focal", "class_weights": {"faulty": 2}})
    with pytest.raises(ModelError, match="received one for `faulty`; the classes are fault, fine") as caught:
        settled(given, faults(), ("fault", "fine"))
    assert caught.value.at == ("model", "loss", "class_weights", "faulty")


COUNTS = Training(model=Forecaster(layers=LAYERS, head={"kind": "negative_binomial"}))


def test_counts_pass_and_missing_ones_are_no_objection() -> None:
    assert settled(COUNTS, sales([0, 3, np.nan, 7]), None) is COUNTS


@pytest.mark.parametrize("odd", [0.5, -1])
def test_what_is_no_count_is_refused_with_its_column(odd: float) -> None:
    with pytest.raises(DataError, match=rf"column `sold`: .*whole numbers from 0 up: received {odd:g}; use the head"):
        settled(COUNTS, sales([0, 3, odd, 7]), None)


def test_scaled_counts_are_refused_with_the_remedy() -> None:
    data = sales([0, 3, 2, 7])
    data = replace(data, about=data.about.model_copy(update={"transforms": {"target": {}}}))
    with pytest.raises(Refused, match="take `target` out of it, or use the head `student_t`") as caught:
        settled(COUNTS, data, None)
    assert caught.value.at == ("model", "head", "kind")
