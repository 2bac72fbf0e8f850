"""Xavier's, or Glorot's: the variance is kept on the way up and on the way back."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.initialisation.base import Initialisation


class Xavier(Initialisation):
    r"""A width that keeps the variance of values and of gradients about the same from layer to layer.

    Var W = 2 · gain² / (inputs + outputs):
    uniform W ~ U(−a, a) with a = gain · √(6 / (inputs + outputs)), or normal W ~ N(0, Var W)

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
    """

    kind: Literal["xavier"] = "xavier"
    distribution: Literal["uniform", "normal"] = Field("uniform", description="the shape of the distribution")
    gain: float = Field(1.0, gt=0, le=1e3, description="factor on the width: what the activation takes away")

    def draw(self, matrix: Float[Tensor, "output input *rest"]) -> None:
        """Var W = 2 · gain² / (inputs + outputs)."""
        {"uniform": nn.init.xavier_uniform_, "normal": nn.init.xavier_normal_}[self.distribution](matrix, self.gain)
