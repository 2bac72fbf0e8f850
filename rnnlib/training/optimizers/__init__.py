"""The optimizers that a spec can name, one file each."""

from __future__ import annotations

from typing import Annotated

from rnnlib.part import Family
from rnnlib.training.optimizers.adam import Adam
from rnnlib.training.optimizers.base import Optimizer
from rnnlib.training.optimizers.rmsprop import RMSprop
from rnnlib.training.optimizers.sgd import SGD

AnyOptimizer = Annotated[Adam | RMSprop | SGD, Family("optimizer")]
"""Every optimizer, told apart by `kind`."""

__all__ = ["SGD", "Adam", "AnyOptimizer", "Optimizer", "RMSprop"]
