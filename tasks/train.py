"""The step that trains a model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from rnnlib.bundle import save_bundle
from rnnlib.data.batching.batches import examples_of
from rnnlib.data.batching.bucketing import padding_share
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.models import parameter_count
from rnnlib.place import Place
from rnnlib.training import Fit, Training, accepted, classes_of, estimate, fit, shape_of
from rnnlib.training.allocation import resident_mb
from rnnlib.training.gradients_flags import flags
from rnnlib.training.numerics import versions
from rnnlib.training.state import Record
from tasks.base import Complaint, Lineage, Parts, Predictor, Slot, Task, Value, Work
from tasks.store import Stored
from tasks.train_review import complaints

__all__ = ["Train", "estimate"]

LOSSES = ("train_loss", "validation_loss")


class Train(Training, Task):
    """Trains a model on the train part and keeps the weights of the epoch with the lowest validation loss.

    Killed at any moment and run again, it goes on from its last checkpoint and ends with the same weights. Writes the
    model into `bundle/`, and `history.json`.
    """

    takes: ClassVar[Mapping[str, Slot]] = {"data": Slot(Parts)}
    gives: ClassVar[type[Value]] = Predictor

    task: Literal["train"] = "train"
    seed: int | None = Field(
        None, ge=0, lt=2**63, description="what this training draws from; the spec's seed where it is left out"
    )

    def draws(self) -> bool:
        """Weights, the order of examples, dropout and augmentation are drawn."""
        return True

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """What does not fit between the model and the steps before it."""
        return complaints(self, name, lineage)

    def rests_on(self, place: Place) -> dict[str, Any]:  # noqa: ARG002 - it reads no file
        """What decides on the last bits: threads and device, the versions, the kind of processor."""
        return {"threads": self.thread_count(), "device": self.device_there(), **versions()}

    def perform(self, inputs: Mapping[str, Stored], at: Path, work: Work) -> None:
        """Trains, telling the tracker and the progress bar of every epoch; writes the bundle and the history."""
        data = DataSet.open(inputs["data"].path)
        classes = classes_of(self.model, data)
        shape = shape_of(data, classes)
        seed = work.seed if self.seed is None else self.seed

        def report(epoch: int, record: Record) -> None:
            if work.tracking is not None:
                # of this run, not of the result: it is told, and not kept with it
                work.tracking.metrics(epoch, {**record, "resident_mb": resident_mb()})
            work.progress(epoch, self.epochs, _noted(record))

        data, verdict = accepted(
            self, data, shape, classes=classes, seed=seed, folder=work.folder / "accept", say=work.say
        )
        found = fit(
            self,
            data,
            shape,
            classes=classes,
            seed=seed,
            folder=work.folder / "checkpoints",
            report=report,
            say=work.say,
        )
        judged = {} if verdict is None else {"augmentation": verdict.sentence}
        facts = {"seed": seed, **_facts(found), **judged, **_padding(data, found.batch or int(self.batch))}
        save_bundle(
            at / "bundle",
            model=self.model,
            shape=shape,
            module=found.module,
            about=data.about,
            classes=classes,
            facts={**facts, "versions": versions()},
        )
        for flag in flags(found.looks):
            work.say(flag.message)
        told = {} if verdict is None else {"augmentation": verdict.as_json()}
        _write(at / "history.json", {**found.as_json(), **told})
        _write(at / "summary.json", {"parameters": parameter_count(found.module), **facts})


def _facts(found: Fit) -> dict[str, Any]:
    """How the training ended. Nothing here tells the time: equal trainings have equal results."""
    kept = found.history[found.kept_epoch - 1]
    losses = {name: kept[name] for name in LOSSES if name in kept}
    epochs = {"epochs": len(found.history), "best_epoch": found.best_epoch, "kept_epoch": found.kept_epoch}
    how = {**epochs, "stopped": found.stopped}
    return {**how, **losses, **found.where._asdict(), "bit_exact": found.exact}


def _padding(data: DataSet, batch: int) -> dict[str, str]:
    """How much of the batches is padding, where sequences differ in length."""
    share = padding_share(examples_of(data, PartOf.train).length, batch)
    return {"padding": f"{share:.1%} of the steps in batches"} if share else {}


def _write(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1))


def _noted(record: Record) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {record[name]:.4g}" for name in LOSSES if name in record)
