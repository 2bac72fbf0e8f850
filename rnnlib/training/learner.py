"""What learns: a module, its players, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from rnnlib.errors import ModelError, refusals_at
from rnnlib.models import Shape
from rnnlib.seeds import derived
from rnnlib.training.carried import Carriage
from rnnlib.training.device import CPU
from rnnlib.training.feed import Feed
from rnnlib.training.gradients import look
from rnnlib.training.gradients_seen import Look, Looks
from rnnlib.training.learning import Gradient, Learning, Numbered
from rnnlib.training.memory import fitting
from rnnlib.training.outputs import Outputs
from rnnlib.training.passage import passing
from rnnlib.training.penalties import OutputPenalty, WeightPenalty
from rnnlib.training.readings import AtOnce, Readings, readings_on
from rnnlib.training.section import Training
from rnnlib.training.state import Record, State, copied
from rnnlib.training.streams import refuse_windows_of_their_own


@dataclass
class Learner:
    """All that a checkpoint holds, in its living form."""

    module: nn.Module
    players: Sequence[Learning]
    twin: nn.Module | None = None
    """Of the same form, for averaged weights: those that learn are never exchanged for them, not even for a moment."""
    state: State = field(default_factory=State)
    carriage: Carriage = field(default_factory=Carriage)
    readings: Readings = field(default_factory=AtOnce)

    @classmethod
    def fresh(cls, section: Training, shape: Shape, seed: int, device: torch.device = CPU) -> Learner:
        """A learner before its first step; the weights are drawn from (seed, "weights")."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived(seed, "weights"))
            with refusals_at("model"):
                module = section.model.assembled(shape).to(device)
                twin = section.model.assembled(shape).to(device) if section.average is not None else None
        if section.carry_state:
            refuse_windows_of_their_own(module)
        outputs = Outputs(module) if any(isinstance(one, OutputPenalty) for one in section.penalty) else None
        players = section.model.players(module)
        learning = [Learning(one, section, outputs, among=len(players) > 1) for one in players]
        _refuse_what_falls_on_nothing(section, learning)
        looks = None if section.watch is None else Looks(section.watch.gradients)
        carriage = Carriage(section.truncate, section.carry_state)
        return cls(module, learning, twin, State(looks=looks), carriage, readings_on(device, section.precision))

    @cached_property
    def moves_by_looking(self) -> bool:
        """Whether a forward pass in training changes something: running statistics."""
        return next(self.module.buffers(), None) is not None

    def turn(self, step: int) -> list[Learning]:
        """The players that move at a step of the training, counted from 0."""
        return [one for one in self.players if step % one.player.every == 0]

    def routed(self) -> AbstractContextManager[None]:
        """Within it states pass along time as `truncate` and `carry_state` say."""
        return passing(self.module, self.carriage.over) if self.carriage.acts else nullcontext()

    def gradient(self, player: Learning, batches: Numbered, feed: Feed, section: Training) -> tuple[Gradient, Numbered]:
        """A player's gradient, and the pieces that the batches were cut into for it to fit into memory."""

        def once(pieces: Numbered) -> Gradient:
            self.carriage.board(batches[0][1].index, feed.train)
            return player.gradient(pieces, self.state.epoch, feed.seed)

        pieces, rule = self.state.pieces, section.out_of_memory
        found, cut, self.state.pieces = fitting(once, batches, pieces, rule, self.state.epoch)
        return found, cut

    def look(self, batches: Numbered, step: int, section: Training) -> Look | None:
        """What is to be seen of the gradients before a step, where it is time to look."""
        if self.state.looks is None or not self.state.looks.due(step):
            return None
        loss, (number, first), epoch = self.players[0].player.loss, batches[0], self.state.epoch

        def once(pieces: Numbered) -> Look:
            return look(self.module, loss, pieces[0][1], epoch=epoch, number=number + 1)

        pieces, rule = self.state.pieces, section.out_of_memory
        found, _, self.state.pieces = fitting(once, [(number, first)], pieces, rule, epoch)
        return found

    def arrive(self, batches: Numbered, seen: Look | None) -> None:
        """The step is done."""
        self.state.batch += len(batches)
        self.carriage.arrive(batches[0][1].index)
        if self.state.looks is not None and seen is not None:
            self.state.looks.add(seen)

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
        if self.state.pieces > 1:
            record["pieces"] = self.state.pieces
        return record if validation_loss is None else {**record, "validation_loss": validation_loss}

    def end_epoch(self, section: Training, judged: nn.Module, record: Record) -> None:
        """Ends the epoch for the state and for every player."""
        self.state.end_epoch(section, judged, record)
        self.carriage.reset()
        for player in self.players:
            player.tally.clear()

    def weights(self) -> dict[str, Tensor]:
        """The weights as they are now."""
        return copied(self.module.state_dict())

    def tensors(self) -> dict[str, Tensor]:
        """What the players remember: `<player>.<name>`; and the states that are carried: `carried.<name>`."""
        carried = {f"carried.{name}": tensor for name, tensor in self.carriage.tensors().items()}
        return {**{name: tensor for player in self.players for name, tensor in player.tensors().items()}, **carried}

    def facts(self) -> dict[str, Any]:
        """The rest of it, by player, as JSON; raises where a step that was taken should not have been."""
        self.readings.settle()
        return {one.player.name: one.facts() for one in self.players}

    def load(
        self, weights: Mapping[str, Tensor], tensors: Mapping[str, Tensor], facts: Mapping[str, Any], state: State
    ) -> None:
        """Puts everything back as it was."""
        self.module.load_state_dict(weights, strict=True)
        for one in self.players:
            one.load(tensors, facts[one.player.name])
        prefix = "carried."
        self.carriage.load({name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)})
        self.state = state

    def finished(self) -> nn.Module:
        """The module to keep, with its weights in memory of their own and out of training."""
        module = self.evaluated()
        if self.state.best:
            module.load_state_dict(self.state.best, strict=True)
        for one in self.players:
            one.flat.release()
        return module.to(CPU).eval()


def _refuse_what_falls_on_nothing(section: Training, players: Sequence[Learning]) -> None:
    for position, penalty in enumerate(section.penalty):
        if isinstance(penalty, WeightPenalty) and not any(penalty.falls_on(one.flat) for one in players):
            rule = f"the penalty `{penalty.kind}` finds nothing in this model to fall on"
            raise ModelError(f"{rule}: take it out, or use another", at=("penalty", position))
