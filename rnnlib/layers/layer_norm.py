"""Layer normalisation."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from rnnlib.layer import EachStep, Flow
from rnnlib.layers.normalisation import Normalisation, ScaleAndShift


class LayerNorm(Normalisation):
    """Normalises the values of each step among themselves.

    y_t = γ ⊙ (x_t − μ_t) / √(σ²_t + ε) + β,  μ_t and σ²_t over the width of step t

    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
    """

    kind: Literal["layer_norm"] = "layer_norm"

    @property
    def one_way(self) -> bool:
        """No step sees another."""
        return True

    def build(self, before: Flow) -> LayerNormSteps:
        """The module."""
        return LayerNormSteps(before.known, self.epsilon, self.affine)


class LayerNormSteps(EachStep):
    """Layer normalisation over every step."""

    def __init__(self, width: int, epsilon: float, affine: bool) -> None:
        super().__init__()
        self.width, self.epsilon = width, epsilon
        self.learned = ScaleAndShift(width, affine)

    def each(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch time feature"]:
        """γ ⊙ (x_t − μ_t) / √(σ²_t + ε) + β for every t."""
        return F.layer_norm(x, (self.width,), self.learned.scale, self.learned.shift, self.epsilon)
