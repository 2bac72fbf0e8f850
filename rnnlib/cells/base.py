"""What the section of every recurrent cell shares."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from pydantic import Field, model_validator

from rnnlib.cells.layer import CellLayer
from rnnlib.cells.stacked import Stacked
from rnnlib.errors import misplaced
from rnnlib.layer import Flow, Layer


class Cell(Layer):
    """A recurrent cell, one or more layers deep: each layer reads the hidden states of the one below."""

    units: int = Field(..., ge=1, le=65_536, description="width of the hidden state")
    layers: int = Field(1, ge=1, le=64, description="how many of this cell are stacked, each reading the one below")
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of hidden values zeroed between stacked layers, in training only"
    )

    @model_validator(mode="after")
    def _dropout_stands_between_layers(self) -> Self:
        if self.dropout > 0 and self.layers == 1:
            rule = "dropout acts between stacked layers, and layers is 1"
            remedy = "use layers: 2 or more, or a `dropout` layer behind this one"
            raise misplaced(f"{rule}: received dropout {self.dropout:g}; {remedy}", "dropout")
        return self

    @abstractmethod
    def layer(self, inputs: int) -> CellLayer:
        """One layer that reads `inputs` values per step; its weights are drawn from torch's default generator."""

    def after(self, before: Flow) -> Flow:
        """The width of the hidden state, whatever comes in."""
        return before._replace(width=self.units)

    @property
    def one_way(self) -> bool:
        """Time flows one way."""
        return True

    def build(self, before: Flow) -> Stacked:
        """All layers: [batch, time, inputs] to [batch, time, units]."""
        widths = (before.known, *(self.units,) * (self.layers - 1))
        return Stacked([self.layer(width) for width in widths], self.dropout)
