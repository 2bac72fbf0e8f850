"""A uniform distribution between two limits."""

from __future__ import annotations

from typing import Literal, Self

from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn

from rnnlib.errors import misplaced
from rnnlib.initialisation.base import Initialisation


class Uniform(Initialisation):
    r"""Independent draws from one uniform distribution, whatever the matrix's shape.

    W ~ U(low, high)

    Source: `torch.nn.init.uniform_`; the default limits are those of Keras' `RandomUniform`.
    """

    kind: Literal["uniform"] = "uniform"
    low: float = Field(-0.05, ge=-1e6, le=1e6, description="the least value")
    high: float = Field(0.05, ge=-1e6, le=1e6, description="the greatest value")

    @model_validator(mode="after")
    def _limits_stand_in_order(self) -> Self:
        if self.low >= self.high:
            received = f"received low {self.low:g} and high {self.high:g}"
            raise misplaced(f"low is below high: {received}; swap them, or use constant for one value", "low")
        return self

    def draw(self, matrix: Float[Tensor, "*shape"]) -> None:
        """W ~ U(low, high)."""
        nn.init.uniform_(matrix, self.low, self.high)
