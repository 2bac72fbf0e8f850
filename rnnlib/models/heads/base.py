"""What every head can do."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from torch import nn

from rnnlib.layer import Flow
from rnnlib.models.shape import Shape
from rnnlib.part import Part


class Head(Part):
    """A part that builds the module `head(states, lengths, batch)`, which reads what the last layer gives."""

    gives: ClassVar[str]
    """What its output is: a loss that takes it fits."""

    kind: str

    @abstractmethod
    def width(self, shape: Shape) -> int:
        """How many values it gives for one sequence; raises `ModelError` where `shape` does not tell."""

    @abstractmethod
    def build(self, before: Flow, shape: Shape) -> nn.Module:
        """The module over what the last layer gives; its weights are drawn from torch's default generator."""
