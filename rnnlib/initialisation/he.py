"""He's: the variance is kept behind rectifiers."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.initialisation.base import Initialisation

_FANS: dict[str, Literal["fan_in", "fan_out"]] = {"in": "fan_in", "out": "fan_out"}


class He(Initialisation):
    r"""A width that keeps the variance where a (leaky) ReLU lets half of the values through.

    Var W = 2 / ((1 + slope²) · fan), fan = inputs (values keep their size) or outputs (gradients do):
    uniform W ~ U(−a, a) with a = √(3 · Var W), or normal W ~ N(0, Var W)

    Source: He et al. 2015, arXiv:1502.01852.
    """

    kind: Literal["he"] = "he"
    distribution: Literal["uniform", "normal"] = Field("normal", description="the shape of the distribution")
    fan: Literal["in", "out"] = Field("in", description="whose size is kept: values by in, gradients by out")
    slope: float = Field(0.0, ge=0, le=1, description="slope of the rectifier below 0; 0 for ReLU")

    def draw(self, matrix: Float[Tensor, "output input *rest"]) -> None:
        """Var W = 2 / ((1 + slope²) · fan)."""
        draw = {"uniform": nn.init.kaiming_uniform_, "normal": nn.init.kaiming_normal_}[self.distribution]
        draw(matrix, self.slope, _FANS[self.fan], "leaky_relu")
