"""Taggers: which step is told of, what counts, and what does not fit together."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from sklearn.metrics import log_loss
from torch.nn import functional as F

from rnnlib.models import Shape, Tagger
from rnnlib.models.losses import BinaryCrossEntropy
from tests.rnnlib.models.examples import BINARY, CRF, KEYS, TAGS, batch_of

LAYERS = ({"kind": "gru", "units": 4},)


def test_only_known_tags_count() -> None:
    batch, logits = batch_of(TAGS), torch.randn(5, 7, 3)
    total, count = Tagger(layers=LAYERS).loss_of(logits, batch)
    chosen = batch.tags_observed
    oracle = log_loss(batch.tags[chosen], logits[chosen].double().softmax(1), labels=[0, 1, 2])
    assert int(count) == int(chosen.sum()) < 5 * 7
    assert float(total / count) == pytest.approx(oracle, rel=1e-5)
    other = torch.where(chosen, batch.tags, 2)
    assert torch.equal(Tagger(layers=LAYERS).loss_of(logits, replace(batch, tags=other))[0], total)


@pytest.mark.parametrize("ahead", [0, 1, 3, 6, 9])
def test_what_is_told_is_of_a_later_step(ahead: int) -> None:
    batch, logits = batch_of(KEYS), torch.randn(5, 7, 4)
    total, count = Tagger(layers=LAYERS, ahead=ahead, **BINARY).loss_of(logits, batch)
    expected, steps = 0.0, 0
    for number, length in enumerate(batch.lengths.tolist()):
        for step in range(length - ahead):
            known = batch.tags_observed[number, step + ahead]
            told, true = logits[number, step][known], batch.tags[number, step + ahead][known]
            expected += float(F.binary_cross_entropy_with_logits(told, true, reduction="sum"))
            steps += int(known.any())
    assert int(count) == steps
    assert float(total) == pytest.approx(expected, rel=1e-5)


def test_nats_per_step_or_per_value() -> None:
    logits, truth = torch.randn(6, 3, dtype=torch.float64), torch.randint(2, (6, 3)).double()
    observed = torch.tensor([[True, True, False]] * 5 + [[False] * 3])
    per_step, per_value = (BinaryCrossEntropy(per=per).sums(logits, truth, observed) for per in ("step", "value"))
    assert (int(per_step[1]), int(per_value[1])) == (5, 10)
    assert torch.equal(per_step[0], per_value[0])
    mean = float(per_value[0] / per_value[1])
    assert mean == pytest.approx(log_loss(truth[observed], logits[observed].sigmoid()), abs=1e-12)
    assert int(BinaryCrossEntropy().sums(logits, truth)[1]) == 6


def test_static_values_reach_every_step() -> None:
    batch = batch_of(TAGS)
    module = Tagger(layers=LAYERS).build(TAGS)
    moved = module(replace(batch, static=batch.static + 1)) != module(batch)
    inside = torch.arange(7) < batch.lengths[:, None]
    assert moved[inside].all()
    assert not moved[~inside].any()


@pytest.mark.parametrize(
    ("fields", "at", "message"),
    [
        ({"loss": {"kind": "mse"}}, ("loss", "kind"), "the head `step_classes` gives logits, the loss `mse` takes"),
        ({"head": {"kind": "crf"}, "loss": {"kind": "cross_entropy"}}, ("loss", "kind"), "the head `crf` gives pot"),
        ({"ahead": 1, **CRF}, ("ahead",), "a CRF scores the tags of the steps that it reads"),
        ({"layers": [{"kind": "attention"}], "ahead": 1}, ("layers", 0), "a step must not see those after it"),
        ({"layers": [*LAYERS, {"kind": "gru", "units": 2, "bidirectional": True}], "ahead": 2}, ("layers", 1), "`gru`"),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, Any], at: tuple[str | int, ...], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Tagger.model_validate({"layers": LAYERS, **fields})
    error = caught.value.errors()[0]
    assert message in error["msg"]
    assert error["ctx"]["at"] == at


def test_a_tagger_needs_classes_or_columns() -> None:
    with pytest.raises(ValueError, match="two or more classes apart: received None"):
        Tagger(layers=LAYERS).build(Shape(inputs=2))
    with pytest.raises(ValueError, match="received none; name them"):
        Tagger(layers=LAYERS, **BINARY).build(Shape(inputs=2))
