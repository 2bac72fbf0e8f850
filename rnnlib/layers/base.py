"""What every layer can do."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from torch import nn

from rnnlib.part import Part

Width = TypeVar("Width", bound=int | None)
"""How many values stand at each step; none while only the spec is known and not the data."""


class Layer(Part):
    """A part that builds a module from [batch, time, inputs] to [batch, time, width].

    The module is called as `module(x, lengths)`; steps at or after `lengths` are padding, on the right, and must not
    reach the steps before.
    """

    @abstractmethod
    def width(self, inputs: Width) -> int | Width:
        """The width of what comes out; raises `ModelError` where the layer cannot stand on `inputs`."""

    @abstractmethod
    def build(self, inputs: int) -> nn.Module:
        """The module; its weights are drawn from torch's default generator."""
