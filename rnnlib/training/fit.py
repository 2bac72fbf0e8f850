"""`fit`: from a section and data to trained weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from rnnlib.data.dataset import DataSet
from rnnlib.errors import Refused
from rnnlib.models import Shape
from rnnlib.training.checkpoints import Checkpoints
from rnnlib.training.feed import Feed
from rnnlib.training.interruption import Hold, holding_signals
from rnnlib.training.learner import Learner
from rnnlib.training.loop import train
from rnnlib.training.numerics import numerics
from rnnlib.training.section import Training
from rnnlib.training.settled import settled
from rnnlib.training.state import Record


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
    threads: int

    def as_json(self) -> dict[str, Any]:
        """The content of `history.json`."""
        epochs = [{"epoch": number, **record} for number, record in enumerate(self.history, start=1)]
        return {"epochs": epochs, "best_epoch": self.best_epoch, "stopped": self.stopped, "bit_exact": self.exact}


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
    feed = Feed.of(data, section.batch, seed, classes)
    if section.early_stopping is not None and feed.validation is None:
        message = "early stopping watches the validation loss, and the validation part gives no example"
        raise Refused(f"{message}: give the split a validation part, or leave it out", at=("early_stopping",))
    section = settled(section, data, classes)
    threads = section.thread_count()
    with numerics(threads), torch.random.fork_rng(devices=[]), holding_signals() as hold:
        learner = Learner.fresh(section, shape, seed)
        checkpoints = Checkpoints(folder, _digest(section, shape, seed, feed), say) if folder else None
        if checkpoints and checkpoints.restore(learner):
            for epoch, record in enumerate(learner.state.history, start=1):
                report(epoch, record)

        def save(end_of_epoch: bool) -> None:
            if checkpoints:
                with hold:
                    checkpoints.save_when_due(learner, end_of_epoch)

        try:
            train(section, learner, feed, hold=hold, save=save, report=report)
        except Exception:
            raise  # the last checkpoint is from before whatever went wrong
        except BaseException as interruption:
            if checkpoints and not hold.torn:
                _save_last(checkpoints, learner, hold, interruption)
            raise
    return _finished(section, learner, threads)


def _save_last(checkpoints: Checkpoints, learner: Learner, hold: Hold, interruption: BaseException) -> None:
    try:
        with hold:
            checkpoints.save(learner)
    except OSError as error:
        interruption.add_note(f"the last state could not be saved ({error}); the checkpoint before it stands")


def _finished(section: Training, learner: Learner, threads: int) -> Fit:
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
        threads=threads,
    )


def _digest(section: Training, shape: Shape, seed: int, feed: Feed) -> str:
    """What is being trained. Threads are left out: where they change, training goes on and says so."""
    what = [
        section.model_dump(mode="json", include=set(Training.model_fields) - {"threads"}),
        shape.model_dump(mode="json"),
        feed.data.about.model_dump(mode="json"),
        [seed, len(feed.train), len(feed.validation or ()), feed.classes],
    ]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
