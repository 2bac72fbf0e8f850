"""Trainings that decide whether a policy of augmentations is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from rnnlib.data.acceptance import Acceptance, Verdict
from rnnlib.data.batching.batches import examples_of
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import Refused
from rnnlib.models import Shape
from rnnlib.seeds import derived
from rnnlib.training.fit import fit
from rnnlib.training.section import Training
from rnnlib.training.settled import settled
from rnnlib.training.trial import sized


def accepted(
    section: Training,
    data: DataSet,
    shape: Shape,
    *,
    classes: tuple[str, ...] | None = None,
    seed: int,
    folder: Path,
    say: Callable[[str], None],
) -> tuple[DataSet, Verdict | None]:
    """The data with its policy of augmentations, or without it where it does not win; and what was found.

    Each seed is trained twice, from the same weights in the same order; the policy stays where the mean of the lowest
    validation losses is smaller by more than the standard error of the paired differences. Every training is an
    ordinary one with checkpoints in `folder`, so that what was done before a kill is not done again. The test part is
    not read. Raises `Refused` where there is no validation part, or where `epochs` does not suit the section.
    """
    if data.about.accept is None or not data.about.augment:
        return data, None
    acceptance = Acceptance.model_validate(data.about.accept)
    if len(examples_of(data, PartOf.validation)) == 0:
        rule = "`accept: validation` compares validation losses, and the validation part gives no example"
        raise Refused(f"{rule}: give the split a validation part, or leave it out of `augment`")
    short = _short(section, acceptance)
    _, size = sized(settled(short, data, classes), data, shape, classes, folder)
    short = short.model_copy(update={"batch": size})
    plain = data.with_about(augment=(), accept=None)
    losses: dict[str, list[float]] = {"with": [], "without": []}
    for trial in range(acceptance.trials):
        for name, shown in (("with", data), ("without", plain)):
            drawn, at = derived(seed, "accept", trial), folder / f"trial-{trial}-{name}"
            losses[name].append(fit(short, shown, shape, classes=classes, seed=drawn, folder=at, say=say).best_loss)
    verdict = Verdict(tuple(losses["with"]), tuple(losses["without"]), short.epochs)
    say(f"the augmentations are {verdict.sentence}")
    return (data if verdict.kept else plain), verdict


def _short(section: Training, acceptance: Acceptance) -> Training:
    """The section with fewer epochs, and nothing watched."""
    values = {name: getattr(section, name) for name in Training.model_fields}
    epochs = section.epochs if acceptance.epochs is None else acceptance.epochs
    try:
        return Training(**{**values, "epochs": epochs, "watch": None})
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise Refused(f"`accept.epochs` of `augment` does not suit this training: {why}", at=("epochs",)) from error
