"""One number for every step and column to forecast."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layer import Flow, Lengths
from rnnlib.layers.projection import projection
from rnnlib.models.heads.ahead import ahead, known_ahead
from rnnlib.models.heads.base import Head
from rnnlib.models.shape import Shape


class Point(Head):
    """All steps of the horizon at once, from the last state, the static values and the future columns.

    ŷ = W [h_T, static, future of every step] + b,  read as horizon × targets

    No forecast step is fed with another: the direct strategy. Source: Ben Taieb et al. 2012, arXiv:1108.3259.
    """

    gives: ClassVar[str] = "values"
    kind: Literal["point"] = "point"

    def width(self, shape: Shape) -> int:
        """horizon · targets."""
        horizon, targets = ahead(shape)
        return horizon * targets

    def build(self, before: Flow, shape: Shape) -> PointHead:
        """The module: [batch, horizon, targets]."""
        horizon, targets = ahead(shape)
        return PointHead(before.known + shape.static + horizon * shape.future, horizon, targets)


class PointHead(nn.Module):
    """One affine map from a sequence's summary to every value of its forecast."""

    def __init__(self, inputs: int, horizon: int, targets: int) -> None:
        super().__init__()
        self.horizon, self.targets = horizon, targets
        self.affine = projection(inputs, horizon * targets)

    def forward(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> Float[Tensor, "batch horizon target"]:
        """The forecast, in model units."""
        forecast: Tensor = self.affine(known_ahead(states, lengths, batch))
        return forecast.reshape(-1, self.horizon, self.targets)
