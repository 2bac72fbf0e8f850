"""The loop against a plain one written here by hand, and what stops it."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from rnnlib.data.augmentations import WindowColumns
from rnnlib.data.batching.batches import Batch, augmented, batches, examples_of
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError, ModelError, Refused
from rnnlib.seeds import derived
from rnnlib.training import Fit, fit
from rnnlib.training.feed import Feed, shuffled
from rnnlib.training.flat import Flat
from rnnlib.training.health import check_inputs
from rnnlib.training.learner import Learner
from rnnlib.training.learning import Learning
from tests.rnnlib.training.toys import KINDS, Toy, forecast, toy


def trained(toy: Toy, **more: Any) -> Fit:
    return fit(toy.section, toy.data, toy.shape, classes=toy.classes, seed=11, **more)


def bits(module: torch.nn.Module) -> list[bytes]:
    return [tensor.numpy().tobytes() for tensor in module.state_dict().values()]


def by_hand(toy: Toy, seed: int) -> tuple[list[bytes], list[float], list[float]]:
    """A plain PyTorch loop: what somebody would write in a notebook."""
    section, data, shape, classes = toy
    torch.manual_seed(derived(seed, "weights"))
    model = section.model.build(shape)
    flat, step = Flat(model.named_parameters()), 0
    memory = section.optimizer.start(flat.theta)
    train, validation = examples_of(data, PartOf.train), examples_of(data, PartOf.validation)
    train_losses, validation_losses, best, best_loss = [], [], None, math.inf
    ops = Feed.of(data, section.batch, seed, classes).ops
    columns = WindowColumns.of(data.about)
    for epoch in range(1, section.epochs + 1):
        model.train()
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(derived(seed, "shuffle", epoch)))
        total, seen = 0.0, 0
        for number, batch in enumerate(batches(data, train, order, section.batch, classes=classes)):
            changed = augmented(ops, batch, seed, epoch, number, columns=columns)
            torch.manual_seed(derived(seed, "dropout", epoch, number))
            loss, count = section.model.loss_of(model(changed), changed)
            flat.gradient.zero_()
            (loss / count).backward()
            norm = flat.gradient.norm()
            if norm > 1.0 - 1e-6:
                flat.gradient.mul_(1.0 / (norm + 1e-6))
            step += 1
            section.optimizer.step(flat.theta, flat.gradient, memory, step, section.optimizer.learning_rate)
            total, seen = total + loss.item(), seen + int(count)
        train_losses.append(total / seen)
        model.eval()
        total, seen = 0.0, 0
        with torch.no_grad():
            in_order = torch.arange(len(validation))
            for batch in batches(data, validation, in_order, section.batch, classes=classes):
                loss, count = section.model.loss_of(model(batch), batch)
                total, seen = total + loss.item(), seen + int(count)
        validation_losses.append(total / seen)
        if total / seen < best_loss:
            best_loss, best = total / seen, bits(model)
    assert best is not None
    return best, train_losses, validation_losses


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_what_a_plain_loop_learns_bit_for_bit(kind: str) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        best, train_losses, validation_losses = by_hand(toy(kind, early_stopping=None), 11)
    finally:
        torch.set_num_threads(before)
    found = trained(toy(kind, early_stopping=None))
    assert bits(found.module) == best
    assert [record["train_loss"] for record in found.history] == train_losses
    assert [record["validation_loss"] for record in found.history] == validation_losses
    assert found.best_epoch == 1 + int(np.argmin(validation_losses))


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_falls_on_a_problem_that_can_be_learnt(kind: str) -> None:
    losses = [record["validation_loss"] for record in trained(toy(kind, epochs=25, early_stopping=None)).history]
    assert min(losses) < 0.6 * losses[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides_and_nothing_global_does(kind: str) -> None:
    torch.manual_seed(1)
    first = trained(toy(kind))
    torch.manual_seed(2)
    np.random.seed(3)
    assert bits(trained(toy(kind)).module) == bits(first.module)
    other = fit(*toy(kind)[:3], classes=toy(kind).classes, seed=12)
    assert bits(other.module) != bits(first.module)


def test_nothing_global_is_left_changed() -> None:
    torch.manual_seed(1)
    before = (torch.get_rng_state().tolist(), torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())
    trained(toy("forecaster"))
    assert (
        torch.get_rng_state().tolist(),
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
    ) == before


def test_every_epoch_has_an_order_of_its_own_and_every_example_once() -> None:
    orders = [shuffled(50, derived(0, "shuffle", epoch)) for epoch in (1, 2)]
    assert orders[0].tolist() != orders[1].tolist() != list(range(50))
    assert all(sorted(order.tolist()) == list(range(50)) for order in orders)


def test_the_best_weights_are_kept_not_the_last() -> None:
    # a learning rate far too large: later epochs are worse
    found = trained(toy("regressor", epochs=6, early_stopping=None, optimizer={"kind": "sgd", "learning_rate": 0.8}))
    losses = [record["validation_loss"] for record in found.history]
    assert found.best_epoch == 1 + int(np.argmin(losses)) < 6
    assert found.best_loss == min(losses)
    again = trained(
        toy("regressor", epochs=found.best_epoch, early_stopping=None, optimizer={"kind": "sgd", "learning_rate": 0.8})
    )
    assert bits(again.module) == bits(found.module)


def test_early_stopping_ends_it_and_says_so() -> None:
    section = {"epochs": 50, "early_stopping": {"patience": 2, "min_change": 1e6}}
    found = trained(toy("forecaster", **section))
    assert (found.stopped, len(found.history)) == ("early", 3)
    assert trained(toy("forecaster", epochs=2)).stopped == "epochs"


def without_validation(data: DataSet) -> DataSet:
    assert data.part is not None
    return replace(data, part=np.where(data.part == PartOf.validation, PartOf.train, data.part).astype(np.int8))


def test_without_a_validation_part_the_train_loss_decides() -> None:
    plain = toy("classifier", early_stopping=None)
    found = trained(plain._replace(data=without_validation(plain.data)))
    losses = [record["train_loss"] for record in found.history]
    assert found.best_epoch == 1 + int(np.argmin(losses))
    assert "validation_loss" not in found.history[0]


def test_early_stopping_without_a_validation_part_is_refused() -> None:
    plain = toy("classifier")
    with pytest.raises(Refused, match="give the split a validation part") as refused:
        trained(plain._replace(data=without_validation(plain.data)))
    assert refused.value.at == ("early_stopping",)


def test_a_train_part_without_an_example_is_refused() -> None:
    plain = toy("forecaster", early_stopping=None)
    short = replace(plain.data, part=np.where(np.arange(120) < 9, 0, 2).astype(np.int8))
    with pytest.raises(DataError, match="gives no example"):
        trained(plain._replace(data=short))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(("column", "name"), [(0, "y"), (1, "before"), (2, "known")])
def test_a_bad_input_stops_it_and_names_column_epoch_and_batch(bad: float, column: int, name: str) -> None:
    plain = toy("forecaster")
    values = plain.data.values.copy()
    values[40, column] = bad
    with pytest.raises(DataError, match=r"epoch 1, batch \d+: the model's (inputs|future|target) holds") as refused:
        trained(plain._replace(data=replace(plain.data, normalized=values)))
    assert refused.value.column == name


def test_what_is_told_of_a_bad_input_is_of_the_column_that_is_named() -> None:
    one = toy("regressor")
    feed = Feed.of(one.data, 4, 0, None)
    _, batch = next(feed.training(1))
    batch.inputs[0, 0, 1], batch.inputs[1, 0, 0] = math.nan, -math.inf
    with pytest.raises(DataError, match="column `a`: here: the model's inputs holds -inf"):
        check_inputs(batch, feed.columns, "here")


def test_a_bad_label_and_a_bad_validation_input_stop_it() -> None:
    plain = toy("classifier")
    values = plain.data.values.copy()
    values[plain.data.rows_of(PartOf.validation), 1] = math.nan
    with pytest.raises(DataError, match=r"column `b`: epoch 1, validation batch 1"):
        trained(plain._replace(data=replace(plain.data, normalized=values)))


class Watched:
    """Counts the optimizer's steps, and spoils what a test names at a given one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, spoil: str) -> None:
        self.steps, self.at, self.spoil = 0, at, spoil
        self.weights: list[bytes] = []
        fresh, move = Learner.fresh.__func__, Learning.move  # type: ignore[attr-defined]

        def built(cls: type[Learner], *arguments: Any) -> Learner:
            learner: Learner = fresh(cls, *arguments)
            self.model = learner.module
            learner.module.register_forward_hook(self.passed)
            return learner

        def moved(*arguments: Any) -> None:
            move(*arguments)
            self.stepped()

        monkeypatch.setattr(Learner, "fresh", classmethod(built))
        monkeypatch.setattr(Learning, "move", moved)

    def stepped(self, *_: object) -> None:
        self.steps += 1
        self.weights = bits(self.model)

    def passed(self, _module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        if self.steps == self.at and self.model.training:
            if self.spoil == "loss":
                return output * math.nan
            output.register_hook(lambda gradient: gradient * math.inf)
        return output


@pytest.mark.parametrize("at", [0, 3, 6])
@pytest.mark.parametrize("spoil", ["loss", "gradient"])
@pytest.mark.parametrize("kind", KINDS)
def test_nan_in_loss_or_gradient_stops_before_the_step(
    monkeypatch: pytest.MonkeyPatch, kind: str, spoil: str, at: int, tmp_path: Path
) -> None:
    watched = Watched(monkeypatch, at, spoil)
    steps = Feed.of(toy(kind).data, 16, 11, toy(kind).classes).steps
    where = f"epoch {at // steps + 1}, batch {at % steps + 1}: the {spoil}"
    with pytest.raises(ModelError, match=where):
        trained(toy(kind), folder=tmp_path)
    assert watched.steps == at, "no step was taken"
    if at:
        assert bits(watched.model) == watched.weights
    # what is stored is from before, and healthy: without the injection it goes on to the same end
    monkeypatch.undo()
    assert bits(trained(toy(kind), folder=tmp_path).module) == bits(trained(toy(kind)).module)


def test_a_loss_that_blows_up_is_refused_and_never_the_best() -> None:
    wild = toy("regressor", epochs=50, clip=None, optimizer={"kind": "sgd", "learning_rate": 10.0})
    values = wild.data.values * np.float32(1e18)
    with pytest.raises(ModelError, match="lower the learning rate") as refused:
        trained(wild._replace(data=replace(wild.data, normalized=values)))
    assert refused.value.at == ("optimizer", "learning_rate")


def test_weights_that_become_infinite_in_the_last_step_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = toy("classifier", epochs=1, early_stopping=None)
    data = without_validation(plain.data)
    watched = Watched(monkeypatch, -1, "loss")
    steps = Feed.of(data, 16, 11, plain.classes).steps

    def spoil(*_: object) -> None:
        watched.steps += 1
        if watched.steps == steps:
            next(watched.model.parameters()).data[0, 0] = math.inf

    monkeypatch.setattr(watched, "stepped", spoil)
    with pytest.raises(ModelError, match=r"epoch 1: the weight layers\.0"):
        trained(plain._replace(data=data))


def test_a_validation_loss_that_overflows_is_refused(tmp_path: Path) -> None:
    plain = toy("regressor", early_stopping=None)
    labels = plain.data.sequences["label"].to_numpy().copy()
    validation = np.flatnonzero(plain.data.rows_of(PartOf.validation)[plain.data.offsets[:-1]])
    labels[validation[0]] = 1e30  # a number, and its square is none in float32
    data = replace(plain.data, sequences=plain.data.sequences.with_columns(label=pl.Series(labels)))
    with pytest.raises(ModelError, match="epoch 1: the validation loss is inf"):
        trained(plain._replace(data=data), folder=tmp_path)
    assert not list(tmp_path.glob("step-*")), "nothing of it is kept"


def test_every_epoch_is_reported_once() -> None:
    seen: list[tuple[int, dict[str, float]]] = []
    found = trained(toy("forecaster"), report=lambda epoch, record: seen.append((epoch, record)))
    assert seen == list(enumerate(found.history, start=1))
    assert set(seen[0][1]) == {"train_loss", "validation_loss", "learning_rate", "gradient_norm"}


def test_no_option_is_accepted_and_ignored() -> None:
    base = toy("forecaster", early_stopping=None, clip=None)
    changes: dict[str, Any] = {
        "model": {"kind": "forecaster", "layers": [{"kind": "lstm", "units": 7}]},
        "optimizer": {"kind": "sgd"},
        "epochs": 5,
        "batch": 15,
        "clip": 1e-3,
        "early_stopping": {"patience": 1, "min_change": 1e6},
    }
    plain = trained(base)
    for field, value in changes.items():
        other = trained(toy("forecaster", **{"early_stopping": None, "clip": None, field: value}))
        assert (bits(other.module), len(other.history)) != (bits(plain.module), len(plain.history)), field
    assert trained(toy("forecaster", threads=2)).where.threads == 2


def test_a_batch_without_any_observed_target_does_no_harm() -> None:
    data = forecast()
    assert data.observed is not None
    hidden = data.observed.copy()
    hidden[:80, 0] = False
    hidden[60, 0] = True
    found = trained(toy("forecaster", batch=1, epochs=1)._replace(data=replace(data, observed=hidden)))
    assert math.isfinite(found.best_loss)


def test_a_batch_is_what_the_model_is_called_on() -> None:
    feed = Feed.of(toy("forecaster").data, 16, 0, None)
    number, batch = next(feed.training(1, start=2))
    assert number == 2
    assert isinstance(batch, Batch)
    whole = dict(feed.training(1))
    assert torch.equal(whole[2].inputs, batch.inputs)
    assert len(whole) == feed.steps
