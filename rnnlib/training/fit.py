"""`fit`: from a section and data to trained weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from rnnlib.data.dataset import DataSet
from rnnlib.errors import Refused
from rnnlib.models import Shape
from rnnlib.training.allocation import Allocation, allocating
from rnnlib.training.checkpoints import Checkpoints
from rnnlib.training.device import generators
from rnnlib.training.fed import fed
from rnnlib.training.feed import Feed
from rnnlib.training.gradients_flags import flags
from rnnlib.training.gradients_seen import Look
from rnnlib.training.interruption import Hold, holding_signals
from rnnlib.training.learner import Learner
from rnnlib.training.loop import train
from rnnlib.training.numerics import numerics
from rnnlib.training.section import Training
from rnnlib.training.settled import settled
from rnnlib.training.state import Record
from rnnlib.training.trial import sized


class Where(NamedTuple):
    """Where a training was computed: its fields are those of the section, as they turned out."""

    threads: int
    device: str
    allocation: Allocation


@dataclass(frozen=True)
class Fit:
    """A trained model and how it came about."""

    module: nn.Module
    """With the weights that are kept, ready to predict."""
    history: list[Record]
    best_epoch: int
    best_loss: float
    kept_epoch: int
    """The epoch at whose end the module had the weights that it has."""
    stopped: str
    """`early` or `epochs`."""
    exact: bool
    """False where a part of it ran on other threads or versions than the rest."""
    where: Where
    batch: int | None
    """What `batch: auto` chose; none where the section says a number."""
    looks: list[Look]
    """What was seen of the gradients."""

    def as_json(self) -> dict[str, Any]:
        """The content of `history.json`."""
        epochs = [{"epoch": number, **record} for number, record in enumerate(self.history, start=1)]
        told = {
            "epochs": epochs,
            "best_epoch": self.best_epoch,
            "kept_epoch": self.kept_epoch,
            "stopped": self.stopped,
            "bit_exact": self.exact,
        }
        if self.batch is not None:
            told["batch"] = self.batch
        if self.looks:
            found = [flag.as_json() for flag in flags(self.looks)]
            told["gradients"] = {"seen": [look.as_json() for look in self.looks], "flags": found}
        return told


def fit(
    section: Training,
    data: DataSet,
    shape: Shape,
    *,
    classes: tuple[str, ...] | None = None,
    seed: int,
    folder: Path | None = None,
    report: Callable[[int, Record], None] = lambda _epoch, _record: None,
    say: Callable[[str], None] | None = None,
) -> Fit:
    """Trains `section.model` on the train part of `data`; keeps the weights of its best epoch, or the last.

    With a `folder`, checkpoints are kept there, and a training that was stopped in any way goes on from the last one,
    to the same bits. `report(epoch, record)` is called after every epoch; after a resume it is first called again for
    the epochs that are done. Nothing global is left changed. Raises `Refused` and its kinds where the training cannot
    be done, or where NaN or infinity comes up.
    """
    section = settled(section, data, classes)
    threads, device = section.thread_count(), section.placed()
    with (
        allocating(section.allocation) as kept,
        numerics(threads, device),
        generators(device),
        holding_signals() as hold,
    ):
        wanted, (section, size) = section.batch, sized(section, data, shape, classes, folder)
        feed = fed(section, data, size, seed, classes)
        learner = Learner.fresh(section, shape, seed, device)
        checkpoints = Checkpoints(folder, _digest(section, shape, seed, feed), say) if folder else None
        if checkpoints and checkpoints.restore(learner):
            for epoch, record in enumerate(learner.state.history, start=1):
                report(epoch, record)

        def save(end_of_epoch: bool) -> None:
            if checkpoints:
                with hold:
                    checkpoints.save_when_due(learner, end_of_epoch)

        try:
            with learner.routed():
                train(section, learner, feed, hold=hold, save=save, report=report)
        except Exception:
            raise  # the last checkpoint is from before whatever went wrong
        except BaseException as interruption:
            if checkpoints and not hold.torn:
                _save_last(checkpoints, learner, hold, interruption)
            raise
    where = Where(threads, device.type, "kept" if kept else "system")
    return _finished(section, learner, where, size if wanted == "auto" else None)


def _save_last(checkpoints: Checkpoints, learner: Learner, hold: Hold, interruption: BaseException) -> None:
    try:
        with hold:
            checkpoints.save(learner)
    except (OSError, Refused) as error:
        interruption.add_note(f"the last state could not be saved ({error}); the checkpoint before it stands")


def _finished(section: Training, learner: Learner, where: Where, batch: int | None) -> Fit:
    state = learner.state
    assert state.stopped is not None, "the loop ends when it is stopped"
    return Fit(
        module=learner.finished(),
        history=state.history,
        best_epoch=state.best_epoch,
        best_loss=state.best_loss,
        kept_epoch=state.best_epoch if section.keep == "best" else len(state.history),
        stopped=state.stopped,
        exact=state.exact,
        where=where,
        batch=batch,
        looks=state.looks.seen if state.looks else [],
    )


def _digest(section: Training, shape: Shape, seed: int, feed: Feed) -> str:
    """What is being trained. Where it is computed is left out: where that changes, training goes on and says so."""
    what = [
        section.model_dump(mode="json", include=set(Training.model_fields) - set(Where._fields)),
        shape.model_dump(mode="json"),
        feed.data.about.model_dump(mode="json"),
        [seed, len(feed.train), len(feed.validation or ()), feed.classes],
    ]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
