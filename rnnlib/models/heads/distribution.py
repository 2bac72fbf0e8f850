"""Heads that forecast distributions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from jaxtyping import Float, Float64
from numpy import ndarray
from pydantic import Field
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layer import Flow, Lengths
from rnnlib.layers.projection import projection
from rnnlib.models.heads.ahead import ahead, known_ahead
from rnnlib.models.heads.base import Head
from rnnlib.models.levels import Levels
from rnnlib.models.shape import Shape

SMALLEST = 1e-6
"""The least spread that a head gives: a likelihood has no bound where there is none."""

Read = Callable[[Tensor], Tensor]


class DistributionHead(Head):
    """A distribution for every step and column to forecast, from the last state, the static and the future values.

    raw = W [h_T, static, future of every step] + b,  read as horizon × targets × parameters of the distribution
    """

    counts: ClassVar[bool] = False
    """Whether what it forecasts are counts: then the target must come as it is."""

    levels: Levels = Field((0.1, 0.5, 0.9), description="the quantiles that predictions carry beside the point")

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers say what one value's distribution is."""

    @abstractmethod
    def read(self, raw: Float[Tensor, "*values parameter"]) -> Float[Tensor, "*values parameter"]:
        """The parameters of the distribution from any numbers: each within its bounds."""

    @abstractmethod
    def point(self, output: Float64[ndarray, "*values parameter"]) -> Float64[ndarray, "*values"]:
        """The one number that stands for the distribution, in model units."""

    @abstractmethod
    def quantiles(self, output: Float64[ndarray, "*values parameter"]) -> Float64[ndarray, "*values level"]:
        """Its quantiles at `levels`, in model units."""

    def width(self, shape: Shape) -> int:
        """horizon · targets · parameters."""
        horizon, targets = ahead(shape)
        return horizon * targets * self.parameters

    def build(self, before: Flow, shape: Shape) -> Distributions:
        """The module: [batch, horizon, targets, parameters]."""
        horizon, targets = ahead(shape)
        inputs = before.known + shape.static + horizon * shape.future
        return Distributions(inputs, (horizon, targets, self.parameters), self.read)


class LocationHead(DistributionHead):
    """A head whose distributions can be moved along: then a forecast may be relative to the last value."""

    @abstractmethod
    def moved(
        self, output: Float[Tensor, "batch horizon target parameter"], by: Float[Tensor, "batch 1 target"]
    ) -> Float[Tensor, "batch horizon target parameter"]:
        """The distributions of y + by."""


class Distributions(nn.Module):
    """One affine map from a sequence's summary to the parameters of every value's distribution."""

    def __init__(self, inputs: int, shape: tuple[int, int, int], read: Read) -> None:
        super().__init__()
        self.shape, self.read = shape, read
        self.affine = projection(inputs, shape[0] * shape[1] * shape[2])

    def forward(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> Float[Tensor, "batch horizon target parameter"]:
        """The parameters, in model units."""
        raw: Tensor = self.affine(known_ahead(states, lengths, batch))
        # of numbers in 16 bits, what is read and its likelihood would be so too: log Γ of thousands by steps of eight
        exact = raw.to(torch.promote_types(raw.dtype, torch.float32))
        return self.read(exact.reshape(-1, *self.shape))
