"""An activation as a layer."""

from __future__ import annotations

from typing import Literal, Self

from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor
from torch.nn import functional as F

from rnnlib.activations import ACTIVATIONS, SLOPE, Activation
from rnnlib.errors import misplaced
from rnnlib.layer import EachStep, Flow, Layer


class Activate(Layer):
    """Applies an activation to every value; softmax to the values of each step together.

    y_t = φ(x_t)

    Source: Goodfellow, Bengio and Courville 2016, "Deep Learning", chapter 6.3.
    """

    kind: Literal["activation"] = "activation"
    function: Activation = Field("relu", description="φ of the equation")
    slope: float = Field(SLOPE, ge=0, le=1, description="slope of a leaky_relu below 0; for that function alone")

    @model_validator(mode="after")
    def _something_leaks(self) -> Self:
        if self.slope != SLOPE and self.function != "leaky_relu":
            rule = "slope is that of leaky_relu below 0"
            raise misplaced(f"{rule}: received {self.slope:g} with {self.function}; take it out", "slope")
        return self

    def after(self, before: Flow) -> Flow:
        """As what comes in."""
        return before

    @property
    def one_way(self) -> bool:
        """No step sees another."""
        return True

    def build(self, before: Flow) -> ActivationSteps:  # noqa: ARG002 - it has no weights
        """The module."""
        return ActivationSteps(self.function, self.slope)


class ActivationSteps(EachStep):
    """An activation over every step."""

    def __init__(self, function: Activation, slope: float) -> None:
        super().__init__()
        self.function, self.slope = function, slope

    def each(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch time feature"]:
        """φ(x_t) for every t."""
        if self.slope != SLOPE:
            return F.leaky_relu(x, self.slope)
        return ACTIVATIONS[self.function](x)
