"""What every head can do."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from torch import nn

from rnnlib.models.shape import Shape
from rnnlib.part import Part


class Head(Part):
    """A part that builds the module `head(states, batch)`, which reads the last layer's states."""

    gives: ClassVar[str]
    """What its output is: a loss that takes it fits."""

    kind: str

    @abstractmethod
    def width(self, shape: Shape) -> int:
        """How many values it gives for one sequence; raises `ModelError` where `shape` does not tell."""

    @abstractmethod
    def build(self, inputs: int, shape: Shape) -> nn.Module:
        """The module over states of width `inputs`; its weights are drawn from torch's default generator."""
