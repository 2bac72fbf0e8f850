"""What learns: a module, its players, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from rnnlib.errors import ModelError
from rnnlib.models import Shape
from rnnlib.seeds import derived
from rnnlib.training.learning import Learning
from rnnlib.training.outputs import Outputs
from rnnlib.training.penalties import OutputPenalty, WeightPenalty
from rnnlib.training.section import Training
from rnnlib.training.state import Record, State, copied


@dataclass
class Learner:
    """All that a checkpoint holds, in its living form."""

    module: nn.Module
    players: Sequence[Learning]
    twin: nn.Module | None = None
    """Of the same form, for averaged weights: those that learn are never exchanged for them, not even for a moment."""
    state: State = field(default_factory=State)

    @classmethod
    def fresh(cls, section: Training, shape: Shape, seed: int) -> Learner:
        """A learner before its first step; the weights are drawn from (seed, "weights")."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived(seed, "weights"))
            module = section.model.build(shape)
            twin = section.model.build(shape) if section.average is not None else None
        outputs = Outputs(module) if any(isinstance(one, OutputPenalty) for one in section.penalty) else None
        players = section.model.players(module)
        learning = [Learning(one, section, outputs, among=len(players) > 1) for one in players]
        _refuse_what_falls_on_nothing(section, learning)
        return cls(module, learning, twin)

    def turn(self, step: int) -> list[Learning]:
        """The players that move at a step of the training, counted from 0."""
        return [one for one in self.players if step % one.player.every == 0]

    def evaluated(self) -> nn.Module:
        """The module that is judged and kept: with the averaged weights where there are such."""
        averages = [(one.flat, one.average) for one in self.players if one.average is not None]
        if self.twin is None or not averages:
            return self.module
        self.twin.load_state_dict(self.module.state_dict(), strict=True)
        weights = dict(self.twin.named_parameters())
        with torch.no_grad():
            for flat, average in averages:
                for name in flat.weights:
                    weights[name].copy_(flat.of(name, average))
        return self.twin

    def record(self, validation_loss: float | None, learning_rate: float) -> Record:
        """What this epoch gave, now that all of its batches are done."""
        first, *others = self.players
        record = {**first.tally.record(), "learning_rate": learning_rate}
        for other in (one for one in others if one.tally.count):
            record |= {f"{name}_{other.player.name}": value for name, value in other.tally.record().items()}
        return record if validation_loss is None else {**record, "validation_loss": validation_loss}

    def end_epoch(self, section: Training, judged: nn.Module, record: Record) -> None:
        """Ends the epoch for the state and for every player."""
        self.state.end_epoch(section, judged, record)
        for player in self.players:
            player.tally.clear()

    def weights(self) -> dict[str, Tensor]:
        """The weights as they are now."""
        return copied(self.module.state_dict())

    def tensors(self) -> dict[str, Tensor]:
        """What the players remember: `<player>.<name>`."""
        return {name: tensor for player in self.players for name, tensor in player.tensors().items()}

    def facts(self) -> dict[str, Any]:
        """The rest of it, by player, as JSON."""
        return {one.player.name: one.facts() for one in self.players}

    def load(
        self, weights: Mapping[str, Tensor], tensors: Mapping[str, Tensor], facts: Mapping[str, Any], state: State
    ) -> None:
        """Puts everything back as it was."""
        self.module.load_state_dict(weights, strict=True)
        for one in self.players:
            one.load(tensors, facts[one.player.name])
        self.state = state

    def finished(self) -> nn.Module:
        """The module to keep, with its weights in memory of their own and out of training."""
        module = self.evaluated()
        if self.state.best:
            module.load_state_dict(self.state.best, strict=True)
        for one in self.players:
            one.flat.release()
        return module.eval()


def _refuse_what_falls_on_nothing(section: Training, players: Sequence[Learning]) -> None:
    for position, penalty in enumerate(section.penalty):
        if isinstance(penalty, WeightPenalty) and not any(penalty.falls_on(one.flat) for one in players):
            rule = f"the penalty `{penalty.kind}` finds nothing in this model to fall on"
            raise ModelError(f"{rule}: take it out, or use another", at=("penalty", position))
