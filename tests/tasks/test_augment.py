"""The step `augment`: noted for train, refused where a forecaster could not use it."""

import pytest
from pydantic import ValidationError

from rnnlib.errors import Refused
from tasks.augment import Augment
from tasks.base import Lineage
from tasks.load import Load
from tests.rnnlib.data.made import samples, series
from tests.tasks.steps import performed, summary

OPS = ({"kind": "jitter", "sigma": 0.05}, {"kind": "window_slice"})


def test_the_operations_are_noted_and_a_second_step_adds_to_them(tmp_path):
    data = performed(Augment(ops=OPS), "parts", samples(["a", "b"]), tmp_path)
    assert [op["kind"] for op in data.about.augment] == ["jitter", "window_slice"]
    assert data.about.augment[0] == {"kind": "jitter", "probability": 1.0, "sigma": 0.05}
    assert summary(tmp_path, "augment") == {"augmentations": "jitter, window_slice"}
    (tmp_path / "again").mkdir()
    again = performed(Augment(ops=({"kind": "scaling"},)), "parts", data, tmp_path / "again")
    assert [op["kind"] for op in again.about.augment] == ["jitter", "window_slice", "scaling"]


def test_what_a_forecaster_cannot_use_is_refused(tmp_path):
    with pytest.raises(Refused, match="`window_slice` is for classifiers") as refused:
        performed(Augment(ops=OPS), "parts", series([5]), tmp_path)
    assert refused.value.at == ("ops", 1)
    load = Load(source={"kind": "csv", "path": "a.csv"}, roles={"target": ["y"]})
    assert [one.at for one in Augment(ops=OPS).review("a", Lineage({"load": load}))] == [("ops", 1)]
    whole = load.model_copy(update={"roles": load.roles.model_copy(update={"target": ()})})
    assert list(Augment(ops=OPS).review("a", Lineage({"load": whole}))) == []


@pytest.mark.parametrize("ops", [(), ({"kind": "warp"},)])
def test_operations_are_named_and_known(ops):
    with pytest.raises(ValidationError, match="ops"):
        Augment(ops=ops)


def test_what_the_columns_do_not_hold_is_refused_at_its_place(tmp_path):
    for number in range(4):
        (tmp_path / str(number)).mkdir()
    with pytest.raises(Refused, match="`token_swap` is for columns that hold tokens: received numbers") as refused:
        performed(Augment(ops=(OPS[0], {"kind": "token_swap"})), "parts", samples(["a", "b"]), tmp_path / "0")
    assert refused.value.at == ("ops", 1)
    columns = samples(["a", "b"]).about.columns
    tokens = samples(["a", "b"]).with_about(
        columns=tuple(one.model_copy(update={"holds": "tokens"}) for one in columns),
        words={one.name: ("<unknown>", "good", "bad") for one in columns},
    )
    with pytest.raises(Refused, match="received none of these \\(fine\\)"):
        performed(Augment(ops=({"kind": "synonyms", "words": {"fine": ["good"]}},)), "parts", tokens, tmp_path / "1")
    performed(Augment(ops=({"kind": "synonyms", "words": {"good": ["fine", "bad"]}},)), "parts", tokens, tmp_path / "2")
    with pytest.raises(Refused, match="`mixup` is for columns that hold numbers or pixels or samples, all of them"):
        performed(Augment(ops=({"kind": "mixup"},)), "parts", tokens, tmp_path / "3")
    load = Load(source={"kind": "csv", "path": "a.csv"}, roles={"text": "line", "label": "mood"})
    assert [one.at for one in Augment(ops=OPS).review("a", Lineage({"load": load}))] == [("ops", 0)]


def test_one_operation_may_mix_labels():
    with pytest.raises(
        ValidationError, match="one operation of a policy may mix labels: received `mixup` and `cutmix`"
    ):
        Augment(ops=({"kind": "mixup"}, {"kind": "jitter"}, {"kind": "cutmix"}))


def test_one_operation_of_all_steps_may_mix_labels(tmp_path):
    (tmp_path / "again").mkdir()
    one, other = Augment(ops=({"kind": "mixup"},)), Augment(ops=({"kind": "jitter"}, {"kind": "cutmix"}))
    data = performed(one, "parts", samples(["a", "b"]), tmp_path)
    rule = "one operation of a policy may mix labels: received `mixup` and `cutmix`"
    with pytest.raises(Refused, match=rule) as refused:
        performed(other, "parts", data, tmp_path / "again")
    assert refused.value.at == ("ops", 1)
    complaints = list(other.review("again", Lineage({"augment": one})))
    assert [complaint.at for complaint in complaints] == [("ops", 1)]
    assert rule in complaints[0].message


def test_pairs_of_one_class_are_looked_for_before_classes_are_mixed():
    with pytest.raises(ValidationError, match="`spawner` averages two of one class, and behind `mixup`"):
        Augment(ops=({"kind": "mixup"}, {"kind": "spawner"}))
    Augment(ops=({"kind": "spawner"}, {"kind": "mixup"}))


@pytest.mark.parametrize("kind", ["noise", "gain"])
def test_recordings_that_became_spectra_are_told_what_is_for_them(tmp_path, kind):
    spectra = samples(["a", "b"]).with_about(rate=100.0)
    with pytest.raises(Refused, match="made spectra before training: take it out, or use `time_mask` and `band_mask`"):
        performed(Augment(ops=({"kind": kind},)), "parts", spectra, tmp_path)


def test_spectra_are_moved_and_stretched_in_time(tmp_path):
    ops = ({"kind": "shift"}, {"kind": "speed"}, {"kind": "time_mask"}, {"kind": "band_mask"})
    data = performed(Augment(ops=ops), "parts", samples(["a", "b"]).with_about(rate=100.0), tmp_path)
    assert [op["kind"] for op in data.about.augment] == ["shift", "speed", "time_mask", "band_mask"]
