"""What does not fit between a training and the steps before it, found before any data is read."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlib.data.roles import Roles
from rnnlib.errors import ModelError
from rnnlib.layers import Flow, flows
from rnnlib.models.heads import DistributionHead
from rnnlib.training import Training
from tasks.augment import Augment
from tasks.base import Complaint, Lineage
from tasks.encode import Encode
from tasks.load import Load
from tasks.normalize import Normalize
from tasks.split import Split
from tasks.window import Window

LEARNS_FROM = {
    "forecaster": "target",
    "classifier": "label",
    "regressor": "label",
    "tagger": "tags",
    "language_model": "text",
}
"""The role that each kind of model learns to predict."""


def complaints(training: Training, name: str, lineage: Lineage) -> Iterator[Complaint]:
    """What does not fit between the model and the steps before it."""
    if (load := lineage.latest(Load)) is not None:
        yield from _roles(training, name, load[0], load[1].roles, lineage)
        yield from _categories(training, name, load[1], lineage)
    if (window := lineage.latest(Window)) is not None:
        yield from _layers(training, name, window[1])
    split = lineage.latest(Split)
    if training.early_stopping is not None and split is not None and _lacks_validation(split[1]):
        rule = f"early stopping watches the validation loss, and `{split[0]}` makes no validation part"
        yield Complaint(name, ("early_stopping",), f"{rule}: give it one (`validation: 10%`), or leave this out")
    yield from _streams(training, name, lineage)
    yield from _counts(training, lineage)
    if training.model.kind == "classifier":
        for step, section in lineage.sections.items():
            if isinstance(section, Normalize) and section.label is not None:
                rule = "a classifier's labels are classes, which have no scale"
                yield Complaint(step, ("label",), f"{rule}: leave `label` out, or train a regressor")


def _streams(training: Training, name: str, lineage: Lineage) -> Iterator[Complaint]:
    window = lineage.latest(Window)
    if window is None:
        return
    step, cut = window
    if training.carry_state and cut.step != cut.context:
        rule = f"`carry_state` of `{name}` reads windows one after the other as one sequence"
        received = f"received `stride` {cut.step} and `context` {cut.context}"
        yield Complaint(step, ("stride",), f"{rule}: {received}; make them the same")
    if training.truncate is not None and training.truncate >= cut.context:
        rule = f"`truncate` cuts windows that are longer: received {training.truncate} for a context of {cut.context}"
        yield Complaint(name, ("truncate",), f"{rule}; make it less, or leave it out")


def _layers(training: Training, name: str, window: Window) -> Iterator[Complaint]:
    """What no layer can make of windows of this length; how many columns they have, only the data can say."""
    try:
        flows(training.model.layers, Flow(None, window.context, window.horizon))
    except ModelError as error:
        yield Complaint(name, ("model", *error.at), error.message)


def _counts(training: Training, lineage: Lineage) -> Iterator[Complaint]:
    head = training.model.head
    for step, section in lineage.sections.items():
        scales = isinstance(section, Normalize) and section.target is not None
        if scales and isinstance(head, DistributionHead) and head.counts:
            rule = f"the head `{head.kind}` forecasts counts as they came, and this scales them"
            yield Complaint(step, ("target",), f"{rule}: leave `target` out, or use the head `student_t`")


def _roles(training: Training, name: str, load: str, roles: Roles, lineage: Lineage) -> Iterator[Complaint]:
    kind = training.model.kind
    wanted = LEARNS_FROM.get(kind)
    if wanted is not None and not getattr(roles, wanted):
        fitting = [other for other, role in LEARNS_FROM.items() if getattr(roles, role)]
        rule = f"a {kind} learns from a `{wanted}`, and the roles of `{load}` name none"
        yield Complaint(name, ("model", "kind"), f"{rule}: name one, or train a {' or a '.join(fitting)}")
    elif roles.target and lineage.latest(Window) is None:
        rule = f"a {kind} is trained on windows, and no step before `{name}` cuts any"
        yield Complaint(name, (), f"{rule}: add `window: {{context: …, horizon: …}}` before it")
    elif not roles.target:  # of forecasts, `augment` itself says what does not fit
        yield from _augmentations(training, lineage)


def _categories(training: Training, name: str, load: Load, lineage: Lineage) -> Iterator[Complaint]:
    encoders = (one for one in lineage.sections.values() if isinstance(one, Encode))
    if load.categories and not any(one.categorical is not None for one in encoders):
        rule = f"`{load.categories[0]}` holds categories, and no step before `{name}` numbers them"
        yield Complaint(name, (), f"{rule}: add `encode: {{categorical: {{}}}}` behind `split`")
    for column in training.model.embed:
        if column not in load.categories:
            rule = f"`embed` is about columns of categories, and `{column}` is none of them"
            yield Complaint(name, ("model", "embed", column), f"{rule}: take it out, or list it as `categorical`")


def _augmentations(training: Training, lineage: Lineage) -> Iterator[Complaint]:
    for step, section in lineage.sections.items():
        if isinstance(section, Augment):
            for position, op in enumerate(section.ops):
                if training.model.kind not in op.fits:
                    rule = f"`{op.kind}` is for a {' or a '.join(sorted(op.fits))}, and this trains a"
                    yield Complaint(step, ("ops", position), f"{rule} {training.model.kind}: take it out")


def _lacks_validation(split: Split) -> bool:
    """Whether no part is for validation; where a column tells the parts, only the data can say."""
    return split.validation is None and split.by != "column"
