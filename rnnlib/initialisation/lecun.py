"""LeCun's: the variance is kept on the way up."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.initialisation.base import Initialisation


class Lecun(Initialisation):
    r"""A width that keeps the variance of values from layer to layer.

    Var W = 1 / inputs: normal W ~ N(0, Var W), or uniform W ~ U(−a, a) with a = √(3 / inputs)

    Source: LeCun et al. 1998, "Efficient BackProp".
    """

    kind: Literal["lecun"] = "lecun"
    distribution: Literal["uniform", "normal"] = Field("normal", description="the shape of the distribution")

    def draw(self, matrix: Float[Tensor, "output input *rest"]) -> None:
        """Var W = 1 / inputs."""
        draw = {"uniform": nn.init.kaiming_uniform_, "normal": nn.init.kaiming_normal_}[self.distribution]
        draw(matrix, nonlinearity="linear")
