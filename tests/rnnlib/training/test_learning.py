"""What one player does in a step: its gradient over several batches, penalties, decay, the average."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from rnnlib.data.batching.batches import Batch
from rnnlib.errors import ModelError
from rnnlib.training import Training
from rnnlib.training.feed import Feed
from rnnlib.training.learner import Learner
from rnnlib.training.learning import Learning, Reading
from rnnlib.training.penalties import AnyPenalty
from tests.rnnlib.families import members
from tests.rnnlib.training.toys import KINDS, Toy, toy


def learner_of(one: Toy) -> tuple[Learner, Learning]:
    learner = Learner.fresh(one.section, one.shape, 3)
    learner.module.train()
    with torch.no_grad():
        for weight in learner.module.parameters():
            weight.mul_(1.3).add_(0.05)  # biases begin at 0, recurrent kernels orthogonal: nothing would pull at them
    return learner, learner.players[0]


def batches_of(one: Toy, size: int, count: int) -> list[tuple[int, Batch]]:
    feed = Feed.of(one.data, size, 3, one.classes)
    return [pair for pair, _ in zip(feed.training(1), range(count), strict=False)]


def without_dropout(kind: str, **changes: Any) -> Toy:
    layers = {"forecaster": "lstm", "regressor": "rnn"}
    model = {"kind": kind, "layers": [{"kind": layers.get(kind, "gru"), "units": 8}]}
    return toy(kind, model=model, early_stopping=None, **changes)


def gradient_of(one: Toy, batches: list[tuple[int, Batch]]) -> torch.Tensor:
    _, player = learner_of(one)
    player.gradient(batches, 1, 3)
    return player.flat.gradient.clone()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pieces", [2, 4])
def test_small_batches_together_have_the_gradient_of_the_large_one(kind: str, pieces: int) -> None:
    one = without_dropout(kind)
    whole = batches_of(one, 16, 1)
    parts = cut(whole[0][1], 16 // pieces)
    torch.testing.assert_close(gradient_of(one, parts), gradient_of(one, whole), atol=1e-6, rtol=1e-5)


def cut(batch: Batch, size: int) -> list[tuple[int, Batch]]:
    """The same examples in batches of `size`; the last may be smaller."""
    fields = {name: getattr(batch, name) for name in Batch.__dataclass_fields__ if name != "padded"}
    return [
        (number, Batch(**{name: None if one is None else one[at : at + size] for name, one in fields.items()}))
        for number, at in enumerate(range(0, len(batch.inputs), size))
    ]


def test_pieces_that_hold_unequally_many_observed_values_count_by_their_values() -> None:
    one = without_dropout("forecaster")
    ((_, batch),) = batches_of(one, 16, 1)
    assert batch.target is not None
    observed = torch.ones_like(batch.target, dtype=torch.bool)
    observed[:5] = False
    observed[0, 0] = True
    unequal = [(0, _with(batch, target_observed=observed))]
    parts = cut(unequal[0][1], 5)
    assert len({int(part.target_observed.sum()) for _, part in parts if part.target_observed is not None}) > 1
    torch.testing.assert_close(gradient_of(one, parts), gradient_of(one, unequal), atol=1e-6, rtol=1e-5)
    # a mean of the pieces' means is something else
    means = torch.stack([gradient_of(one, [part]) for part in parts]).mean(0)
    assert not torch.allclose(means, gradient_of(one, unequal), atol=1e-4)


def _with(batch: Batch, **changes: Any) -> Batch:
    fields = {name: getattr(batch, name) for name in Batch.__dataclass_fields__}
    return Batch(**{**fields, **changes})


@pytest.mark.parametrize("kind", KINDS)
def test_accumulating_trains_as_the_larger_batch_does(kind: str) -> None:
    # plain descent: adaptive steps turn the rounding of a gradient near 0 into a whole step
    descent = {"kind": "sgd", "learning_rate": 0.05}
    small = without_dropout(kind, batch=4, accumulate=4, optimizer=descent)
    large = without_dropout(kind, batch=16, optimizer=descent)
    (learner, player), (_, other) = learner_of(small), learner_of(large)
    whole = batches_of(large, 16, 3)
    for number, batch in whole:
        for one, batches in ((player, cut(batch, 4)), (other, [(number, batch)])):
            gradient = one.gradient(batches, 1, 3)
            one.move(Reading(0.0, 1, float(gradient.norm), sound=True), 0.05, 1)
    torch.testing.assert_close(player.flat.theta, other.flat.theta, atol=1e-6, rtol=1e-6)
    assert learner.players[0] is player


# Penalties


def penalised(kind: str, penalty: dict[str, Any], **changes: Any) -> torch.Tensor:
    one = without_dropout(kind, penalty=[penalty], **changes)
    return gradient_of(one, batches_of(one, 16, 1))


def by_autograd(kind: str, penalty: dict[str, Any]) -> torch.Tensor:
    """The same with the term written down and left to autograd."""
    one = without_dropout(kind)
    learner, player = learner_of(one)
    ((_, batch),) = batches_of(one, 16, 1)
    kept: list[torch.Tensor] = []
    learner.module.layers[0].register_forward_hook(lambda _m, _i, given: kept.append(given[0]))  # type: ignore[index, union-attr]
    loss, count = one.section.model.loss_of(learner.module(batch), batch)
    player.flat.gradient.zero_()
    (loss / count + penalty["weight"] * TERMS[penalty["kind"]](learner.module, kept[0], batch)).backward()
    return player.flat.gradient


def l1(module: nn.Module, _outputs: torch.Tensor, _batch: Batch) -> torch.Tensor:
    return torch.stack([weight.abs().sum() for weight in module.parameters() if weight.ndim > 1]).sum()


def orthogonality(module: nn.Module, _outputs: torch.Tensor, _batch: Batch) -> torch.Tensor:
    total = torch.zeros(())
    for name, weight in module.named_parameters():
        if name.endswith("recurrent_kernel"):
            for block in weight.split(weight.shape[1]):
                total = total + (block.T @ block - torch.eye(len(block))).square().sum()
    return total


def size(_module: nn.Module, outputs: torch.Tensor, batch: Batch) -> torch.Tensor:
    valid = [outputs[row, : int(length)].flatten() for row, length in enumerate(batch.lengths)]
    return torch.cat(valid).square().mean()


def change(_module: nn.Module, outputs: torch.Tensor, batch: Batch) -> torch.Tensor:
    rows = [outputs[row, : int(length)] for row, length in enumerate(batch.lengths)]
    return torch.cat([(row[1:] - row[:-1]).flatten() for row in rows]).square().mean()


TERMS = {"l1": l1, "orthogonality": orthogonality, "activation_size": size, "activation_change": change}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("penalty", members(AnyPenalty))
def test_a_penalty_adds_the_gradient_of_its_term(kind: str, penalty: str) -> None:
    section = {"kind": penalty, "weight": 0.3}
    torch.testing.assert_close(penalised(kind, section), by_autograd(kind, section), atol=1e-6, rtol=1e-4)
    plain = without_dropout(kind)
    assert not torch.allclose(penalised(kind, section), gradient_of(plain, batches_of(plain, 16, 1)), atol=1e-5)


CHANGES: dict[str, dict[str, Any]] = {
    "l1": {"weight": 0.5, "on": "all"},
    "orthogonality": {"weight": 0.5},
    "activation_size": {"weight": 0.5},
    "activation_change": {"weight": 0.5},
}


@pytest.mark.parametrize("penalty", members(AnyPenalty))
def test_no_option_of_a_penalty_is_accepted_and_ignored(penalty: str) -> None:
    assert set(CHANGES[penalty]) == set(members(AnyPenalty)[penalty].model_fields) - {"kind"}
    section = {"kind": penalty, "weight": 0.3}
    before = penalised("regressor", section)
    for field, value in CHANGES[penalty].items():
        assert not torch.equal(penalised("regressor", {**section, field: value}), before), field


def test_the_values_of_padding_count_nothing_in_a_penalty() -> None:
    one = without_dropout("regressor", penalty=[{"kind": kind, "weight": 1.0} for kind in TERMS])
    ((_, batch),) = batches_of(one, 16, 1)
    assert batch.padded
    inside = torch.arange(batch.inputs.shape[1]) < batch.lengths[:, None]
    spoilt = _with(batch, inputs=torch.where(inside[..., None], batch.inputs, 7.0))
    assert torch.equal(gradient_of(one, [(0, batch)]), gradient_of(one, [(0, spoilt)]))


@pytest.mark.parametrize("penalty", ["activation_size", "activation_change"])
def test_a_penalty_on_activations_without_a_recurrent_layer_is_refused(penalty: str) -> None:
    model = {"kind": "regressor", "layers": [{"kind": "dense", "units": 4}]}
    with pytest.raises(ModelError, match="the model has none") as refused:
        learner_of(toy("regressor", model=model, penalty=[{"kind": penalty, "weight": 1.0}]))
    assert refused.value.at == ("penalty",)


def test_a_penalty_on_recurrent_kernels_without_one_is_refused() -> None:
    model = {"kind": "regressor", "layers": [{"kind": "dense", "units": 4}]}
    with pytest.raises(ModelError, match="finds nothing in this model") as refused:
        learner_of(toy("regressor", model=model, penalty=[{"kind": "orthogonality", "weight": 1.0}]))
    assert refused.value.at == ("penalty", 0)


def test_a_projected_states_kernel_has_no_square_blocks() -> None:
    model = {"kind": "regressor", "layers": [{"kind": "lstm", "units": 8, "projection": 4}]}
    with pytest.raises(ModelError, match="finds nothing in this model"):
        learner_of(toy("regressor", model=model, penalty=[{"kind": "orthogonality", "weight": 1.0}]))


# Decay


@pytest.mark.parametrize("kind", ["adam", "adamw", "adagrad", "rmsprop", "sgd"])
def test_what_decays_is_all_or_kernels_alone(kind: str) -> None:
    def moved(**optimizer: Any) -> tuple[Learning, torch.Tensor]:
        one = without_dropout("regressor", optimizer={"kind": kind, "learning_rate": 0.1, **optimizer})
        _, player = learner_of(one)
        with torch.no_grad():
            player.flat.theta.fill_(1.0)
        player.gradient(batches_of(one, 16, 1), 1, 3)
        player.move(Reading(0.0, 1, 1.0, sound=True), 0.1, 1)
        return player, player.flat.theta

    (player, none), (_, every), (_, kernels) = (
        moved(weight_decay=0.0), moved(weight_decay=0.5), moved(weight_decay=0.5, decays="kernels"),
    )  # fmt: skip
    end = player.flat.matrices
    assert torch.equal(kernels[:end], every[:end])
    assert torch.equal(kernels[end:], none[end:])
    assert not torch.equal(every[:end], none[:end])
    assert not torch.equal(every[end:], none[end:])


# Averages


def test_the_average_begins_with_the_weights_of_its_epoch_and_follows_its_equation() -> None:
    one = without_dropout("regressor", average={"decay": 0.9, "from_epoch": 2})
    learner, player = learner_of(one)
    batches = batches_of(one, 16, 1)
    expected = None
    for epoch in (1, 1, 2, 2, 3):
        if epoch == 2 and expected is None:
            expected = player.flat.theta.double().numpy().copy()
        player.gradient(batches, epoch, 3)
        player.move(Reading(0.0, 1, 1.0, sound=True), 0.05, epoch)
        if expected is None:
            assert player.average is None
            assert learner.evaluated() is learner.module
        else:
            expected = 0.9 * expected + 0.1 * player.flat.theta.double().numpy()
    assert player.average is not None
    np.testing.assert_allclose(player.average.numpy(), expected, atol=1e-6)
    weights = player.flat.theta.clone()
    judged = learner.evaluated()
    assert judged is not learner.module
    for name, weight in judged.named_parameters():
        assert torch.equal(weight, player.flat.of(name, player.average))
    assert torch.equal(player.flat.theta, weights), "the weights that learn are not touched"


def test_sections_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="received from_epoch 5; begin earlier"):
        toy("regressor", average={"from_epoch": 5})
    with pytest.raises(ValueError, match="the warm-up ends before the training does"):
        toy("regressor", schedule={"kind": "constant", "warmup": 4})
    assert isinstance(toy("regressor", schedule={"kind": "constant", "warmup": 3}).section, Training)
