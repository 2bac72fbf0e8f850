"""Losses, one file each: what training makes small."""

from typing import Annotated, get_args

from rnnlib.models.losses.base import Loss
from rnnlib.models.losses.binary_cross_entropy import BinaryCrossEntropy
from rnnlib.models.losses.crf import CrfLikelihood
from rnnlib.models.losses.cross_entropy import CrossEntropy
from rnnlib.models.losses.mae import MeanAbsoluteError
from rnnlib.models.losses.mse import MeanSquaredError
from rnnlib.part import Family

AnyLoss = Annotated[
    MeanSquaredError | MeanAbsoluteError | CrossEntropy | BinaryCrossEntropy | CrfLikelihood, Family("loss")
]


def losses_for(gives: str) -> list[str]:
    """The kinds of the losses that take what a head gives."""
    union, family = get_args(AnyLoss)
    return [kind for kind, loss in family.members(union).items() if loss.takes == gives]


__all__ = [
    "AnyLoss",
    "BinaryCrossEntropy",
    "CrfLikelihood",
    "CrossEntropy",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "losses_for",
]
