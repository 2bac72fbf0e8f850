"""The optimizers that a spec can name, one file each: functions over flat tensors."""

from __future__ import annotations

from typing import Annotated

from rnnlib.part import Family
from rnnlib.training.optimizers.adagrad import Adagrad
from rnnlib.training.optimizers.adam import Adam
from rnnlib.training.optimizers.adamw import AdamW
from rnnlib.training.optimizers.base import Memory, Optimizer
from rnnlib.training.optimizers.rmsprop import RMSprop
from rnnlib.training.optimizers.sgd import SGD

AnyOptimizer = Annotated[Adam | AdamW | Adagrad | RMSprop | SGD, Family("optimizer")]
"""Every optimizer, told apart by `kind`."""

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "AnyOptimizer", "Memory", "Optimizer", "RMSprop"]
