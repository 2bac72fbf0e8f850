"""What the section of every recurrent cell shares."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from rnnlib.cells.both_ways import BothWays, Join, StackedBothWays
from rnnlib.cells.layer import CellLayer
from rnnlib.cells.stacked import Between, Stacked
from rnnlib.errors import ModelError, misplaced
from rnnlib.initialisation import AnyBiasInitialisation, AnyInitialisation, Gate, Xavier, Zeros
from rnnlib.layer import Flow, Layer


class Cell(Layer):
    """A recurrent cell, one or more layers deep: each layer reads the outputs of the one below."""

    gates: ClassVar[tuple[Gate, ...]]
    """What the blocks of the bias's rows do, in their order."""

    units: int = Field(..., ge=1, le=65_536, description="width of the hidden state")
    layers: int = Field(1, ge=1, le=64, description="how many of this cell are stacked, each reading the one below")
    bidirectional: bool = Field(
        False, description="whether a second cell of each layer reads from the last valid step to the first"
    )
    join: Join = Field("concat", description="what becomes of both directions' outputs: side by side, or their sum")
    residual: bool = Field(False, description="whether each layer above the first adds what it reads to its output")
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of values zeroed between stacked layers, in training only"
    )
    gives: Literal["steps", "last"] = Field(
        "steps",
        description="what comes out: every step's output, or each direction's last one, which has read everything",
    )
    initial_state: Literal["zero", "learned"] = Field(
        "zero", description="the state before the first step: zeros, or weights that start at zero"
    )
    bias: bool = Field(True, description="whether biases are added")
    kernel_initialisation: AnyInitialisation = Field(Xavier(), description="how W of each gate starts")
    bias_initialisation: AnyBiasInitialisation = Field(Zeros(), description="how the biases start")

    @property
    @abstractmethod
    def width(self) -> int:
        """Values that one layer shows at every step."""

    @abstractmethod
    def layer(self, inputs: int) -> CellLayer:
        """One layer that reads `inputs` values per step; its weights are drawn from torch's default generator."""

    @model_validator(mode="after")
    def _what_acts_between_layers_has_a_between(self) -> Self:
        if self.dropout > 0 and self.layers == 1:
            rule = "dropout acts between stacked layers, and layers is 1"
            remedy = "use layers: 2 or more, or a `dropout` layer behind this one"
            raise misplaced(f"{rule}: received dropout {self.dropout:g}; {remedy}", "dropout")
        if self.residual and self.layers == 1:
            rule = "residual adds what a layer above the first reads, and layers is 1"
            raise misplaced(f"{rule}: received residual true; use layers: 2 or more", "residual")
        return self

    @model_validator(mode="after")
    def _what_is_joined_is_there(self) -> Self:
        if self.join != "concat" and not self.bidirectional:
            rule = "join says how both directions' outputs come together, and there is one"
            raise misplaced(f"{rule}: received join {self.join}; use bidirectional: true", "join")
        return self

    @model_validator(mode="after")
    def _biases_that_are_drawn_are_there(self) -> Self:
        usual = type(self).model_fields["bias_initialisation"].default
        if not self.bias and self.bias_initialisation != usual:
            rule = "without biases there are none to draw"
            received = f"received bias_initialisation {self.bias_initialisation.kind} beside bias: false"
            raise misplaced(f"{rule}: {received}; use bias: true", "bias_initialisation")
        try:
            self.bias_initialisation.suits(self.gates)
        except ModelError as error:
            raise misplaced(error.message, "bias_initialisation") from error
        return self

    def after(self, before: Flow) -> Flow:
        """The width of the output, whatever comes in; one step of it where `gives` is `last`."""
        both = self.bidirectional and self.join == "concat"
        behind = before._replace(width=2 * self.width if both else self.width)
        return behind if self.gives == "steps" else behind._replace(steps=1, aligned=False)

    @property
    def one_way(self) -> bool:
        """Time flows one way unless a second cell reads backwards."""
        return not self.bidirectional

    def build(self, before: Flow) -> Stacked | StackedBothWays:
        """All layers: [batch, time, inputs] to [batch, time, width]."""
        above = self.after(before).known
        widths = (before.known, *(above,) * (self.layers - 1))
        between = Between(self.dropout, residual=self.residual, last=self.gives == "last")
        if self.bidirectional:
            return StackedBothWays(
                [BothWays(self.layer(width), self.layer(width), self.join) for width in widths], between
            )
        return Stacked([self.layer(width) for width in widths], between)
