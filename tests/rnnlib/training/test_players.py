"""Two players on the same batches: each moves its own weights, in turn, and sees what the other has just done."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.models import Player, Regressor
from rnnlib.training import Fit, fit
from rnnlib.training.feed import Feed
from rnnlib.training.learner import Learner
from tests.rnnlib.training.toys import Toy, toy


class Duel(nn.Module):
    """A critic that learns the mean of the labels, and a follower that learns what the critic says."""

    def __init__(self) -> None:
        super().__init__()
        self.critic = nn.Parameter(torch.tensor([0.0]))
        self.follower = nn.Parameter(torch.tensor([1.0]))

    def forward(self, batch: Batch) -> Tensor:
        return self.follower.expand(len(batch.inputs))


class Duelling(Regressor):
    """Its follower moves at every second step."""

    def build(self, shape: Any) -> nn.Module:
        return Duel()

    def players(self, module: nn.Module) -> tuple[Player, ...]:
        assert isinstance(module, Duel)

        def of_critic(batch: Batch) -> tuple[Tensor, Tensor]:
            assert batch.label is not None
            return (module.critic - batch.label).square().sum(), torch.tensor(len(batch.label))

        def of_follower(batch: Batch) -> tuple[Tensor, Tensor]:
            return (module.follower - module.critic).square().sum(), torch.tensor(1)

        return (
            Player("critic", (("critic", module.critic),), of_critic),
            Player("follower", (("follower", module.follower),), of_follower, every=2),
        )


def duel(**changes: Any) -> Toy:
    one = toy("regressor", early_stopping=None, clip=None, optimizer={"kind": "sgd", "learning_rate": 0.1}, **changes)
    model = Duelling(**{name: getattr(one.section.model, name) for name in ("layers", "head", "loss")})
    return one._replace(section=one.section.model_copy(update={"model": model}))


def trained(one: Toy, **more: Any) -> Fit:
    return fit(one.section, one.data, one.shape, seed=11, **more)


def by_hand(one: Toy) -> tuple[float, float]:
    feed, step = Feed.of(one.data, 16, 11, None), 0
    critic, follower = torch.tensor(0.0), torch.tensor(1.0)
    for epoch in range(1, one.section.epochs + 1):
        for _, batch in feed.training(epoch):
            assert batch.label is not None
            critic = critic - 0.1 * 2 * (critic - batch.label).mean()
            if step % 2 == 0:
                follower = follower - 0.1 * 2 * (follower - critic)  # of the critic that has just moved
            step += 1
    return float(critic), float(follower)


def test_each_moves_its_own_weights_in_turn() -> None:
    one = duel(keep="last")
    found = trained(one).module
    assert (float(found.critic.detach()), float(found.follower.detach())) == pytest.approx(by_hand(one), rel=1e-5)


def test_no_gradient_of_one_reaches_the_weights_of_the_other() -> None:
    one = duel()
    learner = Learner.fresh(one.section, one.shape, 3)
    batch = next(Feed.of(one.data, 16, 3, None).training(1))
    critic, follower = learner.players
    follower.gradient([batch], 1, 3)
    assert float(follower.flat.gradient.abs().sum()) > 0
    assert float(critic.flat.gradient.abs().sum()) == 0


def test_the_record_names_those_behind_the_first() -> None:
    record = trained(duel()).history[0]
    assert {"train_loss", "gradient_norm", "train_loss_follower", "gradient_norm_follower"} <= set(record)


def test_a_duel_goes_on_exactly_where_it_was_stopped(tmp_path: Path) -> None:
    def stop(epoch: int, _record: dict[str, float]) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    one = duel(average={"decay": 0.7})
    whole = trained(one)
    with pytest.raises(KeyboardInterrupt):
        trained(one, folder=tmp_path, report=stop)
    state = json.loads((sorted(tmp_path.glob("step-*"))[-1] / "state.json").read_text())
    assert state["players"]["critic"]["steps"] == 6
    assert state["players"]["follower"]["steps"] == 3
    again = trained(one, folder=tmp_path)
    assert again.as_json() == whole.as_json()
    assert torch.equal(again.module.follower, whole.module.follower)
