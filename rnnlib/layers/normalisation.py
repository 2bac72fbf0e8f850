"""What the normalisations of a stack share: their fields, and the learned scale and shift."""

from __future__ import annotations

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.layer import Flow, Layer


class Normalisation(Layer):
    """A layer that moves values to mean 0 and variance 1, over something, and scales and shifts them."""

    epsilon: float = Field(1e-5, gt=0, le=1, description="ε, added to the variance")
    affine: bool = Field(True, description="whether a scale γ and a shift β are learned, starting at 1 and 0")

    def after(self, before: Flow) -> Flow:
        """As what comes in."""
        return before


class ScaleAndShift(nn.Module):
    """γ ⊙ x + β; nothing where they are not learned."""

    def __init__(self, width: int, affine: bool) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width)) if affine else None
        self.shift = nn.Parameter(torch.zeros(width)) if affine else None

    def forward(self, x: Float[Tensor, "*batch feature"]) -> Float[Tensor, "*batch feature"]:
        """γ ⊙ x + β."""
        return x if self.scale is None or self.shift is None else torch.addcmul(self.shift, x, self.scale)
