"""Losses, one file each: what training makes small."""

from typing import Annotated, get_args

from rnnlib.models.losses.base import Loss
from rnnlib.models.losses.binary_cross_entropy import BinaryCrossEntropy
from rnnlib.models.losses.class_weights import ClassLoss
from rnnlib.models.losses.crf import CrfLikelihood
from rnnlib.models.losses.cross_entropy import CrossEntropy
from rnnlib.models.losses.focal import Focal
from rnnlib.models.losses.gaussian import GaussianLoss
from rnnlib.models.losses.huber import Huber
from rnnlib.models.losses.mae import MeanAbsoluteError
from rnnlib.models.losses.mse import MeanSquaredError
from rnnlib.models.losses.negative_binomial import NegativeBinomialLoss
from rnnlib.models.losses.quantile import QuantileLoss
from rnnlib.models.losses.student_t import StudentTLoss
from rnnlib.part import Family

AnyLoss = Annotated[
    MeanSquaredError
    | MeanAbsoluteError
    | Huber
    | QuantileLoss
    | GaussianLoss
    | StudentTLoss
    | NegativeBinomialLoss
    | CrossEntropy
    | Focal
    | BinaryCrossEntropy
    | CrfLikelihood,
    Family("loss"),
]


def losses_for(gives: str) -> list[str]:
    """The kinds of the losses that take what a head gives; the first is the one that a spec need not name."""
    union, family = get_args(AnyLoss)
    return [kind for kind, loss in family.members(union).items() if loss.takes == gives]


def usual_loss(gives: str) -> Loss:
    """The loss of a head that gives this, where the spec names none."""
    union, family = get_args(AnyLoss)
    loss: Loss = family.members(union)[losses_for(gives)[0]]()
    return loss


__all__ = [
    "AnyLoss",
    "BinaryCrossEntropy",
    "ClassLoss",
    "CrfLikelihood",
    "CrossEntropy",
    "Focal",
    "GaussianLoss",
    "Huber",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "NegativeBinomialLoss",
    "QuantileLoss",
    "StudentTLoss",
    "losses_for",
    "usual_loss",
]
