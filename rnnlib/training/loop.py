"""The loop that trains every model. What differs between models is in their players."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import torch
from torch import nn

from rnnlib.data.batching.batch import Batch
from rnnlib.models import AnyModel
from rnnlib.training.device import placed
from rnnlib.training.feed import Feed
from rnnlib.training.health import check_epoch, check_inputs
from rnnlib.training.interruption import Hold
from rnnlib.training.learner import Learner
from rnnlib.training.reading_on import read_on, told
from rnnlib.training.schedules import Span
from rnnlib.training.section import Training
from rnnlib.training.state import Record
from rnnlib.training.streams import reads_on


def train(
    section: Training,
    learner: Learner,
    feed: Feed,
    *,
    hold: Hold,
    save: Callable[[bool], None],
    report: Callable[[int, Record], None],
) -> None:
    """Trains `learner` from where it stands until its epochs are over or early stopping ends it.

    An epoch visits every example once. A step takes `accumulate` batches; each player whose turn it is moves in turn:
    θ ← step(θ, clip(∇(Σ loss / Σ count + penalties)), η · factor), with the sums over the observed values of its
    batches. `save(end of an epoch)` is called wherever the state is whole.
    """
    state, per_epoch = learner.state, -(-feed.steps // section.accumulate)
    while state.stopped is None:
        epoch = state.epoch
        factor = section.schedule.factors(Span(section.epochs, per_epoch), state.losses)
        first = (epoch - 1) * per_epoch + state.batch // section.accumulate
        learner.module.train()
        for step, made in enumerate(feed.steps_of(epoch, state.batch, section.accumulate), first):
            for number, batch in made if feed.unseen(epoch) else ():
                check_inputs(batch, feed.columns, f"epoch {epoch}, batch {number + 1}")
            batches = feed.placed(made)
            seen = learner.look(batches, step, section)
            learning_rate = section.optimizer.learning_rate * factor(step)
            with ExitStack() as whole:  # from the first move on, signals wait until all have moved and it is counted
                if learner.moves_by_looking:
                    whole.enter_context(hold)
                for player in learner.turn(step):
                    gradient, pieces = learner.gradient(player, batches, feed, section)
                    read = learner.readings.read(player, gradient, pieces, feed, epoch)
                    if section.clip is not None:
                        section.clip(player.flat.gradient, gradient.norm)
                    whole.enter_context(hold)
                    learner.readings.move(player, read, learning_rate, epoch)
                whole.enter_context(hold)
                learner.arrive(batches, seen)
            save(False)

        learner.readings.settle()
        judged = learner.evaluated()
        loss = mean_loss(section.model, judged, feed, f"epoch {epoch}") if feed.validation else None
        record = learner.record(loss, section.optimizer.learning_rate * factor(epoch * per_epoch - 1))
        check_epoch(judged, record, epoch)
        with hold:
            learner.end_epoch(section, judged, record)
        save(True)
        report(epoch, record)


def mean_loss(section: AnyModel, module: nn.Module, feed: Feed, where: str) -> float:
    """The mean loss per observed value over all validation examples, without dropout and without gradients.

    Texts that come in stretches are read on where the layers can: a loss per token is that of a text, not of stretches.
    """
    module.eval()
    source, examples = feed.judged

    def prepare(number: int, made: Batch) -> Batch:
        check_inputs(made, feed.columns, f"{where}, validation batch {number}")
        return placed(made, feed.device)

    on = feed.in_stretches and reads_on(module)
    shown = read_on(module, source, examples, prepare) if on else told(module, source, feed.size, prepare)
    losses = torch.zeros((), dtype=torch.float64, device=feed.device)
    seen = torch.zeros((), dtype=torch.int64, device=feed.device)
    with torch.inference_mode():
        for batch, output in shown:
            loss, count = section.loss_of(output, batch)
            losses, seen = losses + loss, seen + count
    return float(losses) / int(seen)
