"""One number for every step and column to forecast."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.data.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Lengths
from rnnlib.layers.projection import projection
from rnnlib.models.heads.base import Head
from rnnlib.models.heads.summary import summary
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
        horizon, targets = self._wanted(shape)
        return horizon * targets

    def build(self, before: Flow, shape: Shape) -> PointHead:
        """The module: [batch, horizon, targets]."""
        horizon, targets = self._wanted(shape)
        return PointHead(before.known + shape.static + horizon * shape.future, horizon, targets)

    def _wanted(self, shape: Shape) -> tuple[int, int]:
        if shape.horizon is None or shape.targets is None:
            received = f"received horizon {shape.horizon} and targets {shape.targets}"
            rule = "a forecast has a horizon and target columns"
            raise ModelError(f"{rule}: {received}; name `target` columns in `load` and add a `window` step")
        return shape.horizon, shape.targets


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
        known = summary(states, lengths, batch)
        if batch.future is not None:
            known = torch.cat([known, batch.future.flatten(1)], dim=1)
        forecast: Tensor = self.affine(known)
        return forecast.reshape(-1, self.horizon, self.targets)
