"""The dense layer."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from rnnlib.activations import ACTIVATIONS, Activation
from rnnlib.initialisation import AnyInitialisation, Xavier
from rnnlib.layer import EachStep, Flow, Layer
from rnnlib.layers.projection import projection


class Dense(Layer):
    """Dense layer, the same at every step.

    y_t = φ(W x_t + b)

    x: [batch, time, inputs], W: [units, inputs], b: [units]; units · (inputs + 1) parameters.

    Source: Rumelhart, Hinton and Williams 1986, doi:10.1038/323533a0.
    """

    kind: Literal["dense"] = "dense"
    units: int = Field(..., ge=1, le=65_536, description="width of what comes out")
    activation: Activation = Field("linear", description="φ of the equation")
    initialisation: AnyInitialisation = Field(Xavier(), description="how W starts; b starts at 0")

    def after(self, before: Flow) -> Flow:
        """`units` wide, whatever comes in."""
        return before._replace(width=self.units)

    @property
    def one_way(self) -> bool:
        """No step sees another."""
        return True

    def build(self, before: Flow) -> DenseSteps:
        """The module."""
        return DenseSteps(before.known, self)


class DenseSteps(EachStep):
    """A dense layer over every step."""

    def __init__(self, inputs: int, section: Dense) -> None:
        super().__init__()
        self.affine = projection(inputs, section.units, section.initialisation)
        self.activation = section.activation

    def each(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch time unit"]:
        """φ(W x_t + b) for every t."""
        return ACTIVATIONS[self.activation](self.affine(x))
