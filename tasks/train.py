"""The step that trains a model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from rnnlib.bundle import save_bundle
from rnnlib.data.batches import examples_of
from rnnlib.data.bucketing import padding_share
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.roles import Roles
from rnnlib.errors import ModelError
from rnnlib.layers import Flow, flows
from rnnlib.models import parameter_count
from rnnlib.models.heads import DistributionHead
from rnnlib.place import Place
from rnnlib.training import Fit, Training, accepted, classes_of, estimate, fit, shape_of
from rnnlib.training.allocation import resident_mb
from rnnlib.training.gradients_flags import flags
from rnnlib.training.numerics import versions
from rnnlib.training.state import Record
from tasks.augment import Augment
from tasks.base import Complaint, Lineage, Parts, Predictor, Slot, Task, Value, Work
from tasks.encode import Encode
from tasks.load import Load
from tasks.normalize import Normalize
from tasks.split import Split
from tasks.store import Stored
from tasks.window import Window

__all__ = ["Train", "estimate"]

LEARNS_FROM = {
    "forecaster": "target",
    "classifier": "label",
    "regressor": "label",
    "tagger": "tags",
    "language_model": "text",
}
"""The role that each kind of model learns to predict."""

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
        if (load := lineage.latest(Load)) is not None:
            yield from self._review_roles(name, load[0], load[1].roles, lineage)
            yield from self._review_categories(name, load[1], lineage)
        if (window := lineage.latest(Window)) is not None:
            yield from self._review_layers(name, window[1])
        split = lineage.latest(Split)
        if self.early_stopping is not None and split is not None and _lacks_validation(split[1]):
            rule = f"early stopping watches the validation loss, and `{split[0]}` makes no validation part"
            yield Complaint(name, ("early_stopping",), f"{rule}: give it one (`validation: 10%`), or leave this out")
        yield from self._review_streams(name, lineage)
        yield from self._review_counts(lineage)
        if self.model.kind == "classifier":
            for step, section in lineage.sections.items():
                if isinstance(section, Normalize) and section.label is not None:
                    rule = "a classifier's labels are classes, which have no scale"
                    yield Complaint(step, ("label",), f"{rule}: leave `label` out, or train a regressor")

    def _review_streams(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        window = lineage.latest(Window)
        if window is None:
            return
        step, cut = window
        if self.carry_state and cut.step != cut.context:
            rule = f"`carry_state` of `{name}` reads windows one after the other as one sequence"
            received = f"received `stride` {cut.step} and `context` {cut.context}"
            yield Complaint(step, ("stride",), f"{rule}: {received}; make them the same")
        if self.truncate is not None and self.truncate >= cut.context:
            rule = f"`truncate` cuts windows that are longer: received {self.truncate} for a context of {cut.context}"
            yield Complaint(name, ("truncate",), f"{rule}; make it less, or leave it out")

    def _review_layers(self, name: str, window: Window) -> Iterator[Complaint]:
        """What no layer can make of windows of this length; how many columns they have, only the data can say."""
        try:
            flows(self.model.layers, Flow(None, window.context, window.horizon))
        except ModelError as error:
            yield Complaint(name, ("model", *error.at), error.message)

    def _review_counts(self, lineage: Lineage) -> Iterator[Complaint]:
        head = self.model.head
        for step, section in lineage.sections.items():
            scales = isinstance(section, Normalize) and section.target is not None
            if scales and isinstance(head, DistributionHead) and head.counts:
                rule = f"the head `{head.kind}` forecasts counts as they came, and this scales them"
                yield Complaint(step, ("target",), f"{rule}: leave `target` out, or use the head `student_t`")

    def _review_roles(self, name: str, load: str, roles: Roles, lineage: Lineage) -> Iterator[Complaint]:
        kind = self.model.kind
        wanted = LEARNS_FROM.get(kind)
        if wanted is not None and not getattr(roles, wanted):
            fitting = [other for other, role in LEARNS_FROM.items() if getattr(roles, role)]
            rule = f"a {kind} learns from a `{wanted}`, and the roles of `{load}` name none"
            yield Complaint(name, ("model", "kind"), f"{rule}: name one, or train a {' or a '.join(fitting)}")
        elif roles.target and lineage.latest(Window) is None:
            rule = f"a {kind} is trained on windows, and no step before `{name}` cuts any"
            yield Complaint(name, (), f"{rule}: add `window: {{context: …, horizon: …}}` before it")
        elif not roles.target:  # of forecasts, `augment` itself says what does not fit
            yield from self._review_augmentations(lineage)

    def _review_categories(self, name: str, load: Load, lineage: Lineage) -> Iterator[Complaint]:
        encoders = (one for one in lineage.sections.values() if isinstance(one, Encode))
        if load.categories and not any(one.categorical is not None for one in encoders):
            rule = f"`{load.categories[0]}` holds categories, and no step before `{name}` numbers them"
            yield Complaint(name, (), f"{rule}: add `encode: {{categorical: {{}}}}` behind `split`")
        for column in self.model.embed:
            if column not in load.categories:
                rule = f"`embed` is about columns of categories, and `{column}` is none of them"
                yield Complaint(name, ("model", "embed", column), f"{rule}: take it out, or list it as `categorical`")

    def _review_augmentations(self, lineage: Lineage) -> Iterator[Complaint]:
        for step, section in lineage.sections.items():
            if isinstance(section, Augment):
                for position, op in enumerate(section.ops):
                    if self.model.kind not in op.fits:
                        rule = f"`{op.kind}` is for a {' or a '.join(sorted(op.fits))}, and this trains a"
                        yield Complaint(step, ("ops", position), f"{rule} {self.model.kind}: take it out")

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


def _lacks_validation(split: Split) -> bool:
    """Whether no part is for validation; where a column tells the parts, only the data can say."""
    return split.validation is None and split.by != "column"


def _noted(record: Record) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {record[name]:.4g}" for name in LOSSES if name in record)
