"""Numbers that are read some steps later, as on a GPU: the same weights, history and refusals, to the bit."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnlib.errors import DataError, ModelError, Refused
from rnnlib.models import Shape
from rnnlib.training import Fit, Training, learner
from rnnlib.training.device import CPU
from rnnlib.training.feed import Feed
from rnnlib.training.learner import Learner
from rnnlib.training.learning import Learning
from rnnlib.training.readings import EVERY, AtOnce, Later, readings_on
from tests.rnnlib.training.test_loop import bits, trained
from tests.rnnlib.training.test_players import duel
from tests.rnnlib.training.toys import KINDS, Toy, toy

ALL = {"average": {"decay": 0.8, "from_epoch": 2}, "accumulate": 2, "schedule": {"kind": "plateau", "patience": 0}}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with monkeypatch.context() as patch:
        patch.setattr(learner, "readings_on", lambda device, _precision: Later(device))
        yield patch


def both(one: Toy, later: pytest.MonkeyPatch, **more: Any) -> tuple[Fit, Fit]:
    deferred = trained(one, **more)
    later.undo()
    return trained(one, **more), deferred


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("changes", [{}, ALL, {"precision": "bfloat16"}], ids=["plain", "all", "bfloat16"])
def test_weights_and_history_are_the_same(kind: str, changes: dict[str, Any], later: pytest.MonkeyPatch) -> None:
    if changes.get("precision") and kind == "forecaster":
        changes = {**changes, "model": {"kind": "forecaster", "layers": [{"kind": "gru", "units": 8}]}}
    at_once, deferred = both(toy(kind, batch=4, **changes), later)  # more than EVERY steps an epoch
    assert bits(deferred.module) == bits(at_once.module)
    assert deferred.as_json() == at_once.as_json()


def test_players_in_turn_too(later: pytest.MonkeyPatch) -> None:
    at_once, deferred = both(duel(batch=2), later)
    assert bits(deferred.module) == bits(at_once.module)
    assert deferred.as_json() == at_once.as_json()


class Spoiled:
    """From the given step on, what a player sees is spoiled; the weights after the last sound step are kept."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int, spoil: str) -> None:
        self.at, self.spoil, self.passed = at, spoil, 0
        self.sound: list[bytes] = []
        fresh, step = Learner.fresh.__func__, Learning.step  # type: ignore[attr-defined]

        def built(cls: type[Learner], section: Training, shape: Shape, *rest: Any) -> Learner:
            self.passed = 0
            learner: Learner = fresh(cls, section, shape, *rest)
            learner.module.register_forward_hook(self.through)
            self.learner = learner
            return learner

        def stepped(*arguments: Any) -> None:
            step(*arguments)
            if self.passed <= self.at:
                self.sound = bits(self.learner.module)

        patch.setattr(Learner, "fresh", classmethod(built))
        patch.setattr(Learning, "step", stepped)

    def through(self, module: torch.nn.Module, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        self.passed += module.training
        if self.passed == self.at + 1 and module.training:
            if self.spoil == "loss":
                return output * math.nan
            output.register_hook(lambda gradient: gradient * math.inf)  # type: ignore[no-untyped-call]
        return output


def refusal(one: Toy, **more: Any) -> tuple[type[Refused], str, Any]:
    with pytest.raises(Refused) as refused:
        trained(one, **more)
    return type(refused.value), str(refused.value), refused.value.at


@pytest.mark.parametrize("at", [0, 3, EVERY - 1, EVERY, EVERY + 5])
@pytest.mark.parametrize("spoil", ["loss", "gradient"])
def test_a_step_that_is_not_sound_changes_nothing_and_is_named(
    at: int, spoil: str, monkeypatch: pytest.MonkeyPatch, later: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = toy("forecaster", batch=3, average={"decay": 0.9})
    spoiled = Spoiled(monkeypatch, at, spoil)
    deferred = refusal(one)
    stood, seen = bits(spoiled.learner.module), spoiled.passed
    assert all(bool(tensor.isfinite().all()) for tensor in spoiled.learner.players[0].moving())
    assert stood == spoiled.sound or at == 0
    assert (seen > at + 1) == bool((at + 1) % EVERY), "some more steps were tried before the numbers were read"
    later.undo()
    assert refusal(one, folder=tmp_path) == deferred
    assert deferred[0] is ModelError
    assert f"epoch 1, batch {at + 1}: the {spoil}" in deferred[1]
    assert stood == bits(spoiled.learner.module), "the weights are those that reading at once stops at"


def test_a_bad_value_is_named_with_its_column(later: pytest.MonkeyPatch) -> None:
    plain = toy("forecaster", batch=4)
    values = plain.data.values.copy()
    values[40, 1] = math.inf
    found = refusal(plain._replace(data=replace(plain.data, normalized=values)))
    assert found[0] is DataError
    assert "column `before`" in found[1]


def test_what_is_unread_is_read_before_a_save(later: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one = toy("regressor", batch=4)

    def stop(epoch: int, _record: dict[str, float]) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(one, folder=tmp_path, report=stop)
    state = json.loads((sorted(tmp_path.glob("step-*"))[-1] / "state.json").read_text())
    assert state["players"]["model"]["steps"] > 0
    again = trained(one, folder=tmp_path)
    later.undo()
    assert again.as_json() == trained(one).as_json()


def test_a_save_in_the_middle_of_an_epoch_counts_every_step(later: pytest.MonkeyPatch) -> None:
    one = toy("regressor", batch=4)
    learning = Learner.fresh(one.section, one.shape, 3)
    player = learning.players[0]
    feed = Feed.of(one.data, 4, 3, None)
    for batch in list(feed.training(1))[:3]:
        gradient = player.gradient([batch], 1, 3)
        learning.readings.move(player, learning.readings.read(player, gradient, [batch], feed, 1), 0.1, 1)
    assert player.tally.steps == 0
    assert learning.facts()["model"]["tally"]["steps"] == 3


def test_who_reads_when() -> None:
    assert isinstance(readings_on(CPU, "float32"), AtOnce)
    assert isinstance(readings_on(torch.device("meta"), "bfloat16"), Later)
    assert isinstance(readings_on(torch.device("meta"), "float16"), AtOnce), "its scale follows from every step"
