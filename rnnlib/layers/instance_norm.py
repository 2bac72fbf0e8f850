"""Instance normalisation."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.cells.scan import wide
from rnnlib.layer import Flow, Lengths
from rnnlib.layers.normalisation import Normalisation, ScaleAndShift
from rnnlib.padding import zeroed


class InstanceNorm(Normalisation):
    """Normalises each column of each sequence over its own valid steps.

    y = γ ⊙ (x − μ) / √(σ² + ε) + β,  μ and σ² over the steps of one sequence

    Its level and its size are gone behind it: for forecasts `relative_to: instance` of the forecaster puts both back.

    Source: Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022.
    """

    kind: Literal["instance_norm"] = "instance_norm"

    @property
    def one_way(self) -> bool:
        """A step rests on the mean of all."""
        return False

    def build(self, before: Flow) -> InstanceNormSteps:
        """The module."""
        return InstanceNormSteps(before.known, self.epsilon, self.affine)


class InstanceNormSteps(nn.Module):
    """Instance normalisation of every sequence."""

    def __init__(self, width: int, epsilon: float, affine: bool) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.learned = ScaleAndShift(width, affine)

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time feature"], Lengths]:
        """γ ⊙ (x − μ) / √(σ² + ε) + β for each sequence."""
        x = wide(x)
        count = x.shape[1] if lengths is None else lengths[:, None, None]
        centred = x - zeroed(x, lengths).sum(dim=1, keepdim=True) / count
        variance = zeroed(centred, lengths).square().sum(dim=1, keepdim=True) / count
        return self.learned(centred * (variance + self.epsilon).rsqrt()), lengths
