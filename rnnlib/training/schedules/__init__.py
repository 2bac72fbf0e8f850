"""The schedules that a spec can name, one file each: how the learning rate changes."""

from __future__ import annotations

from typing import Annotated

from rnnlib.part import Family
from rnnlib.training.schedules.base import Schedule, Span
from rnnlib.training.schedules.constant import Constant
from rnnlib.training.schedules.cosine import Cosine
from rnnlib.training.schedules.exponential import Exponential
from rnnlib.training.schedules.one_cycle import OneCycle
from rnnlib.training.schedules.plateau import Plateau
from rnnlib.training.schedules.slanted_triangular import SlantedTriangular
from rnnlib.training.schedules.step import Step

AnySchedule = Annotated[
    Constant | Step | Exponential | Plateau | Cosine | OneCycle | SlantedTriangular, Family("schedule")
]
"""Every schedule, told apart by `kind`."""

__all__ = [
    "AnySchedule", "Constant", "Cosine", "Exponential", "OneCycle", "Plateau", "Schedule", "SlantedTriangular", "Span",
    "Step",
]  # fmt: skip
