"""A policy of augmentations is kept where it wins on validation data, and nowhere else."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from rnnlib.data.about import About, Column
from rnnlib.data.acceptance import AnyAcceptance, Verdict
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import Refused
from rnnlib.models import Shape
from rnnlib.training import Training, accepted, estimate, fit
from rnnlib.training.feed import Feed

FLIPS = ({"kind": "sign_flip", "probability": 0.5},)
DROWNS = ({"kind": "jitter", "sigma": 10.0},)
SHAPE, CLASSES = Shape(inputs=1, classes=2), ("slow", "fast")


def waves(augment=FLIPS, trials=3, **accept):
    """Whether a wave is fast, shown with one sign in train, and with either in the other parts."""
    draw, time = np.random.default_rng(1), np.arange(12)
    rows, part, label = [], [], []
    for number in range(72):
        fast = number % 2
        sign = 1 if number < 24 else draw.choice([-1, 1])
        wave = sign * np.abs(np.sin(time * (0.4 + 0.5 * fast) + draw.uniform(0, 0.3)))
        rows.append(wave + 0.02 * draw.normal(size=12))
        part.append(PartOf.train if number < 24 else PartOf.validation if number < 60 else PartOf.test)
        label.append(CLASSES[fast])
    policy = {"by": "validation", "trials": trials, "epochs": None, **accept}
    columns = (Column(name="a", role="features"),)
    return DataSet(
        about=About(columns=columns, names={"label": "pace"}, augment=augment, accept=policy),
        raw=np.concatenate(rows)[:, None],
        offsets=np.arange(73) * 12,
        sequences=pl.DataFrame({"key": [str(number) for number in range(72)], "label": label}),
        part=np.repeat(np.array(part, np.int8), 12),
    )


def section(**changes):
    return Training.model_validate(
        {
            "model": {"kind": "classifier", "layers": [{"kind": "gru", "units": 6}]},
            "optimizer": {"kind": "adam", "learning_rate": 0.05},
            "epochs": 5,
            "batch": 12,
            "threads": 1,
            **changes,
        }
    )


def decided(data, folder, said=None, **changes):
    lines = [] if said is None else said
    return accepted(section(**changes), data, SHAPE, classes=CLASSES, seed=3, folder=folder, say=lines.append)


def test_a_policy_that_wins_is_kept_and_its_figures_are_those_of_the_trainings(tmp_path):
    said = []
    data, verdict = decided(waves(), tmp_path, said)
    assert verdict.kept
    assert data.about.augment == FLIPS
    assert said == [f"the augmentations are {verdict.sentence}"]
    differences = np.array(verdict.plain) - np.array(verdict.tried)
    assert verdict.gain == pytest.approx(differences.mean())
    assert verdict.error == pytest.approx(differences.std(ddof=1) / np.sqrt(3))
    assert verdict.as_json()["validation_loss"] == {"with": list(verdict.tried), "without": list(verdict.plain)}
    assert len({*verdict.tried, *verdict.plain}) == 6


def test_a_policy_that_loses_is_left_out_and_the_model_is_the_one_without_it(tmp_path):
    data, verdict = decided(waves(DROWNS), tmp_path)
    assert not verdict.kept
    assert data.about.augment == ()
    never = waves(())
    models = [
        fit(section(), one, SHAPE, classes=CLASSES, seed=3).module.state_dict()
        for one in (data, never.with_about(accept=None))
    ]
    assert all(torch.equal(models[0][name], models[1][name]) for name in models[0])


def test_what_does_not_win_by_more_than_its_error_is_left_out():
    assert not Verdict((1.0, 2.0), (1.5, 2.1), 1).gain <= 0
    assert Verdict((1.0, 2.0), (1.5, 2.4), 1).kept
    assert not Verdict((1.0, 2.0), (1.5, 1.9), 1).kept
    assert not Verdict((1.0, 1.0), (1.0, 1.0), 1).kept
    assert "; better by 0.3, standard error" in Verdict((1.0, 2.0), (1.5, 2.1), 1).sentence
    assert "; worse by 0.3, standard error" in Verdict((1.5, 2.1), (1.0, 2.0), 1).sentence
    assert "; no difference, standard error 0," in Verdict((1.0, 1.0), (1.0, 1.0), 1).sentence


def test_test_rows_decide_nothing(tmp_path):
    data = waves(trials=2, epochs=1)
    changed = np.array(data.raw)
    changed[data.part == PartOf.test] += 100
    one, other = (decided(each, tmp_path / name)[1] for name, each in (("a", data), ("b", replace(data, raw=changed))))
    assert one == other


def test_it_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    _, whole = decided(waves(trials=2, epochs=1), tmp_path / "whole")
    made, real = [], fit

    def stopping(*arguments, **named):
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(named["folder"].name)
        return real(*arguments, **named)

    monkeypatch.setattr("rnnlib.training.policy.fit", stopping)
    with pytest.raises(KeyboardInterrupt):
        decided(waves(trials=2, epochs=1), tmp_path / "again")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "again").rglob("*.safetensors")}
    monkeypatch.undo()
    _, verdict = decided(waves(trials=2, epochs=1), tmp_path / "again")
    assert verdict == whole
    assert before
    assert all(path.stat().st_mtime_ns == time for path, time in before.items()), "what was done is not done again"


def test_fewer_epochs_and_more_seeds(tmp_path):
    _, verdict = decided(waves(trials=2, epochs=2), tmp_path)
    assert (len(verdict.tried), verdict.epochs) == (2, 2)
    plan = estimate(section(), waves(trials=2, epochs=2))
    assert plan["seconds_at_most"] == pytest.approx(plan["seconds_per_epoch"] * (5 + 2 * 2 * 2))
    with pytest.raises(Refused, match=r"`accept.epochs` of `augment` does not suit .* warm-up"):
        decided(waves(epochs=2), tmp_path / "warm", schedule={"kind": "constant", "warmup": {"epochs": 3}})


def test_without_a_validation_part_it_is_refused(tmp_path):
    data = waves()
    part = np.where(data.part == PartOf.validation, PartOf.test, data.part).astype(np.int8)
    with pytest.raises(Refused, match="the validation part gives no example"):
        decided(replace(data, part=part), tmp_path)


def test_nothing_is_tried_where_nothing_is_asked(tmp_path):
    for data in (waves().with_about(accept=None), waves(())):
        found, verdict = decided(data, tmp_path)
        assert found is data
        assert verdict is None
    assert not list(tmp_path.iterdir())


def test_a_bare_word_names_the_part():
    read = TypeAdapter(AnyAcceptance).validate_python
    assert read("validation") == read({}) == read({"by": "validation", "trials": 5})
    with pytest.raises(ValidationError, match="validation"):
        read("test")


def test_nothing_but_train_is_augmented():
    shown = [_judged(_feed(data)) for data in (waves(), waves(()))]
    assert all(torch.equal(one.inputs, other.inputs) for one, other in zip(*shown, strict=True))
    (_, one), (_, other) = (next(iter(_feed(data).training(1))) for data in (waves(), waves(())))
    assert not torch.equal(one.inputs, other.inputs)
    changed = waves()
    raw = np.array(changed.raw)
    raw[changed.part != PartOf.train] += 9
    perturbed = [batch for _, batch in _feed(replace(changed, raw=raw)).training(2)]
    before = [batch for _, batch in _feed(waves()).training(2)]
    assert all(torch.equal(one.inputs, other.inputs) for one, other in zip(before, perturbed, strict=True))


def _feed(data):
    return Feed.of(data, 8, 5, CLASSES)


def _judged(feed):
    source, examples = feed.judged
    return list(source.batches(torch.arange(len(examples)), 8))
