"""Clipping: a gradient that is too long is shortened, its direction stays; or each of its values is bounded."""

from __future__ import annotations

from typing import Annotated, Any, Self

import torch
from jaxtyping import Float
from pydantic import BeforeValidator, Field, model_validator
from torch import Tensor

from rnnlib.errors import misplaced
from rnnlib.part import Part


class Clip(Part):
    """What a gradient is cut to.

    By value: g_i ← max(−v, min(v, g_i)), which turns it. By norm: g ← g · min(1, c / (‖g‖ + 1e-6)), with ‖g‖ the length
    over all weights. Where both are given, values are bounded first.

    Source: Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063, algorithm 1; by value: Mikolov 2012.
    """

    norm: float | None = Field(None, gt=0, le=1e6, description="c, the greatest length of a gradient over all weights")
    value: float | None = Field(None, gt=0, le=1e6, description="v, the greatest size of any of its values")

    @model_validator(mode="after")
    def _by_something(self) -> Self:
        if self.norm is None and self.value is None:
            raise misplaced("a gradient is clipped by its `norm` or its `value`, received neither: give one")
        return self

    def __call__(self, gradient: Float[Tensor, " weights"], norm: Float[Tensor, ""]) -> None:
        """Cuts a gradient of the length `norm` in place."""
        if self.value is not None:
            gradient.clamp_(-self.value, self.value)
            norm = length(gradient)
        if self.norm is not None:
            gradient.mul_((self.norm / (norm + 1e-6)).clamp_(max=1.0))


def length(gradient: Float[Tensor, " weights"]) -> Float[Tensor, ""]:
    """‖g‖, the Euclidean length of all gradients of a model taken as one vector."""
    norm: Tensor = torch.linalg.vector_norm(gradient)
    return norm


def _norm(value: Any) -> Any:
    return {"norm": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


AnyClip = Annotated[Clip, BeforeValidator(_norm, json_schema_input_type=float | Clip)]
"""Clipping; a bare number is the greatest norm."""
