"""Every schedule against torch's own, or the equations of its paper, and under a warm-up."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch.optim import lr_scheduler

from rnnlib.training.schedules import (
    AnySchedule,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Plateau,
    Schedule,
    SlantedTriangular,
    Span,
    Step,
)
from rnnlib.training.stretch import AnyStretch, Stretch
from tests.rnnlib.families import members

SPAN = Span(epochs=8, per_epoch=5)
LOSSES = [5.0, 4.0, 4.0, 4.2, 4.1, 3.9, 3.95, 4.0]


def factors(schedule: Schedule, span: Span = SPAN, losses: list[float] = LOSSES) -> list[float]:
    """The factor of every step, each epoch told of the losses before it."""
    found = []
    for epoch in range(span.epochs):
        factor = schedule.factors(span, losses[:epoch])
        found += [factor(step) for step in range(epoch * span.per_epoch, (epoch + 1) * span.per_epoch)]
    return found


def by_torch(build: Callable[[torch.optim.Optimizer], Any], every: str) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler, found = build(optimizer), []
    for epoch in range(SPAN.epochs):
        for _ in range(SPAN.per_epoch):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if every == "step":
                scheduler.step()
        if every == "epoch":
            scheduler.step()
        elif every == "loss":
            scheduler.step(LOSSES[epoch])
    return found


THEIRS: list[tuple[Schedule, Callable[[torch.optim.Optimizer], Any], str]] = [
    (Constant(), lambda o: lr_scheduler.ConstantLR(o, factor=1.0), "epoch"),
    (Step(every=Stretch(epochs=3), factor=0.2), lambda o: lr_scheduler.StepLR(o, 3, 0.2), "epoch"),
    (Step(every=Stretch(steps=7), factor=0.2), lambda o: lr_scheduler.StepLR(o, 7, 0.2), "step"),
    (Exponential(factor=0.8), lambda o: lr_scheduler.ExponentialLR(o, 0.8), "epoch"),
    (Cosine(), lambda o: lr_scheduler.CosineAnnealingLR(o, SPAN.steps), "step"),
    (Cosine(final=0.1), lambda o: lr_scheduler.CosineAnnealingLR(o, SPAN.steps, eta_min=0.1), "step"),
    (OneCycle(), lambda o: lr_scheduler.OneCycleLR(o, 1.0, SPAN.steps, cycle_momentum=False), "step"),
    (
        OneCycle(rise=0.2, start=10, end=100, curve="linear"),
        lambda o: lr_scheduler.OneCycleLR(
            o, 1.0, SPAN.steps, pct_start=0.2, div_factor=10, final_div_factor=100, anneal_strategy="linear",
            cycle_momentum=False,
        ),
        "step",
    ),
    (
        Plateau(patience=1, factor=0.5),
        lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=1, threshold=0, threshold_mode="abs"),
        "loss",
    ),
    (
        Plateau(patience=0, factor=0.5, min_change=0.3, final=0.2),
        lambda o: lr_scheduler.ReduceLROnPlateau(
            o, factor=0.5, patience=0, threshold=0.3, threshold_mode="abs", min_lr=0.2, eps=0
        ),
        "loss",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("schedule", "theirs", "every"), THEIRS, ids=lambda case: getattr(case, "kind", ""))
def test_it_is_torchs_own(schedule: Schedule, theirs: Callable[[torch.optim.Optimizer], Any], every: str) -> None:
    assert factors(schedule) == pytest.approx(by_torch(theirs, every), rel=1e-9)


def test_the_slanted_triangle_follows_the_paper() -> None:
    schedule = SlantedTriangular(rise=0.25, ratio=10)
    total, cut = 40, math.floor(40 * 0.25)
    expected = []
    for t in range(total):  # equation 3 of arXiv:1801.06146, with a greatest rate of 1
        p = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / 0.25 - 1))
        expected.append((1 + p * (10 - 1)) / 10)
    assert factors(schedule) == pytest.approx(expected, rel=1e-12)


def test_segrnn_holds_and_then_falls_every_epoch() -> None:
    schedule = TypeAdapter(AnySchedule).validate_python({"kind": "exponential", "factor": 0.8, "hold": 3})
    # adjust_learning_rate, type3, of the paper's code: constant over the first three epochs, then 0.8 ** (epoch - 3)
    by_epoch = [1.0 if epoch < 3 else 0.8 ** (epoch - 2) for epoch in range(8)]
    assert factors(schedule)[::5] == pytest.approx(by_epoch)


@pytest.mark.parametrize("kind", members(AnySchedule))
def test_a_warm_up_rises_to_where_the_schedule_begins_which_then_has_the_steps_that_are_left(kind: str) -> None:
    bare = members(AnySchedule)[kind]()
    first = Stretch(epochs=2).in_steps(5)
    found = factors(bare.model_copy(update={"warmup": Stretch(epochs=2)}), losses=[1.0] * 8)
    begin = factors(bare, losses=[1.0] * 8)[0] if kind != "plateau" else 1.0
    assert found[:first] == pytest.approx([begin * (step + 1) / 10 for step in range(10)])
    assert found[first] == pytest.approx(begin)
    if kind in ("cosine", "one_cycle", "slanted_triangular", "constant", "step"):
        assert found[first:] == pytest.approx(factors(bare, Span(6, 5), [1.0] * 8))


@pytest.mark.parametrize("kind", members(AnySchedule))
@pytest.mark.parametrize("span", [Span(1, 1), Span(1, 2), Span(3, 1), Span(50, 7)])
def test_every_factor_is_between_nothing_and_all_whatever_the_span(kind: str, span: Span) -> None:
    found = factors(members(AnySchedule)[kind](), span, [1.0] * span.epochs)
    assert all(0 <= factor <= 1 for factor in found)
    assert found[0] > 0


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "constant": ({}, {"warmup": 2}),
    "step": ({"every": 2}, {"warmup": 2, "every": 3, "factor": 0.3}),
    "exponential": ({}, {"warmup": 2, "factor": 0.3, "hold": 2}),
    "plateau": (
        {"patience": 1, "factor": 0.5},
        {"warmup": 2, "factor": 0.3, "patience": 0, "min_change": 1.5, "final": 0.9},
    ),
    "cosine": ({}, {"warmup": 2, "final": 0.1}),
    "one_cycle": ({}, {"warmup": 2, "rise": 0.5, "start": 5.0, "end": 10.0, "curve": "linear"}),
    "slanted_triangular": ({}, {"warmup": 2, "rise": 0.5, "ratio": 5.0}),
}


@pytest.mark.parametrize("kind", members(AnySchedule))
def test_no_option_is_accepted_and_ignored(kind: str) -> None:
    given, changes = CHANGES[kind]
    assert set(changes) == set(members(AnySchedule)[kind].model_fields) - {"kind"}
    schedule = TypeAdapter(AnySchedule).validate_python
    before = factors(schedule({"kind": kind, **given}))
    for field, value in changes.items():
        assert factors(schedule({"kind": kind, **given, field: value})) != before, field


def test_a_stretch_is_steps_or_epochs() -> None:
    read = TypeAdapter(AnyStretch).validate_python
    assert [read(one).in_steps(10) for one in (2, 0.5, {"epochs": 3}, {"steps": 7}, {"epochs": 0.001})] == [
        20, 5, 30, 7, 1,
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [{}, {"steps": 1, "epochs": 1}, 0, -1, True, "2", {"steps": 0}, {"epochs": math.inf}])
def test_what_is_no_stretch_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(AnyStretch).validate_python(wrong)
