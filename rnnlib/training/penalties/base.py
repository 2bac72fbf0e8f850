"""What a penalty can do: pull at the weights themselves, or at what the last recurrent layer gives."""

from __future__ import annotations

from abc import abstractmethod

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from rnnlib.layer import Lengths
from rnnlib.part import Part
from rnnlib.training.flat import Flat


class Penalty(Part):
    """A term R that training makes small together with the loss: L + λ R. The losses that are reported are without it.

    It falls on every player's own weights.
    """

    kind: str
    weight: float = Field(..., gt=0, le=1e6, description="λ, how much the term counts beside the mean loss")


class WeightPenalty(Penalty):
    """A penalty on weights. Its gradient is known in closed form and added to that of the loss, once a step."""

    @abstractmethod
    def falls_on(self, flat: Flat) -> bool:
        """Whether there is anything among these weights for it to pull at."""

    @abstractmethod
    def add_gradient(self, flat: Flat) -> None:
        """g ← g + λ ∂R/∂θ, in place."""


class OutputPenalty(Penalty):
    """A penalty on the outputs of the last recurrent layer, for each batch by itself."""

    @abstractmethod
    def of(self, outputs: Float[Tensor, "batch time unit"], lengths: Lengths) -> Float[Tensor, ""]:
        """λ R; the values of padded steps count nothing."""
