"""The dense layer."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float, Int64
from pydantic import Field
from torch import Tensor, nn

from rnnlib.layers.activations import ACTIVATIONS, Activation
from rnnlib.layers.base import Layer
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

    def width(self, inputs: int | None) -> int:  # noqa: ARG002 - its width is its own
        """`units`, whatever comes in."""
        return self.units

    def build(self, inputs: int) -> DenseSteps:
        """The module."""
        return DenseSteps(inputs, self.units, self.activation)


class DenseSteps(nn.Module):
    """A dense layer over every step."""

    def __init__(self, inputs: int, units: int, activation: Activation) -> None:
        super().__init__()
        self.affine = projection(inputs, units)
        self.activation = activation

    def forward(
        self,
        x: Float[Tensor, "batch time feature"],
        lengths: Int64[Tensor, " batch"] | None = None,  # noqa: ARG002 - no step sees another
    ) -> Float[Tensor, "batch time unit"]:
        """φ(W x_t + b) for every t."""
        return ACTIVATIONS[self.activation](self.affine(x))
