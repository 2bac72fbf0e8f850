"""The penalties that a spec can name, one file each: what training makes small beside the loss."""

from __future__ import annotations

from typing import Annotated

from rnnlib.part import Family
from rnnlib.training.penalties.activation_change import ActivationChange
from rnnlib.training.penalties.activation_size import ActivationSize
from rnnlib.training.penalties.base import OutputPenalty, Penalty, WeightPenalty
from rnnlib.training.penalties.l1 import L1
from rnnlib.training.penalties.orthogonality import Orthogonality

AnyPenalty = Annotated[L1 | Orthogonality | ActivationSize | ActivationChange, Family("penalty")]
"""Every penalty, told apart by `kind`. L2 is the optimizers' `weight_decay`."""

__all__ = [
    "L1", "ActivationChange", "ActivationSize", "AnyPenalty", "Orthogonality", "OutputPenalty", "Penalty",
    "WeightPenalty",
]  # fmt: skip
