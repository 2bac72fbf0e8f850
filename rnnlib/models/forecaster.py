"""The forecaster."""

from __future__ import annotations

from typing import Literal, Self

import torch
from jaxtyping import Float, Int64
from pydantic import Field, model_validator
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError, misplaced
from rnnlib.layers import Stack
from rnnlib.models.base import Model
from rnnlib.models.fitting_loss import FittingLoss
from rnnlib.models.heads import AnyForecastHead, DistributionHead, LocationHead, Point
from rnnlib.models.instance import RelativeToInstance
from rnnlib.models.relative import Move, RelativeToLast
from rnnlib.models.sequence_model import SequenceModel
from rnnlib.models.shape import Shape


class Forecaster(Model):
    """Reads a window of `context` steps and gives the `horizon` steps behind it: [batch, horizon, targets].

    A head of distributions gives their parameters: [batch, horizon, targets, parameters].
    """

    kind: Literal["forecaster"] = "forecaster"
    head: AnyForecastHead = Field(Point(), description="what turns the last states into a forecast")
    loss: FittingLoss = Field(
        None,
        validate_default=True,
        description="what training makes small; left out: mse for points, for a head of distributions the loss of its "
        "name",
    )
    relative_to: Literal["none", "last", "instance"] = Field(
        "none",
        description="`last`: the window's last target values are taken off its inputs and added to the forecast; "
        "`instance`: the window's targets are normalised by their own mean and deviation, and the forecast back",
    )

    @model_validator(mode="after")
    def _head_can_be_moved(self) -> Self:
        if self.relative_to == "last" and isinstance(self.head, DistributionHead) and self._move() is None:
            rule = "`relative_to: last` moves a forecast along with the last value"
            received = f"received the head `{self.head.kind}`, whose distributions start at 0"
            raise misplaced(f"{rule}: {received}; leave it out", "relative_to")
        if self.relative_to == "instance" and isinstance(self.head, DistributionHead):
            rule = "`relative_to: instance` stretches a forecast of points"
            raise misplaced(f"{rule}: received the head `{self.head.kind}`; use `point`, or `last`", "relative_to")
        return self

    def build(self, shape: Shape) -> nn.Module:
        """The module: [batch, horizon, targets], or [batch, horizon, targets, parameters]."""
        layers = Stack(self.layers, shape.flow())
        head = self.head.build(layers.flow, shape)
        if self.relative_to == "none":
            return SequenceModel(layers, head)
        if len(shape.target_columns) != shape.targets:
            rule = f"`relative_to: {self.relative_to}` needs every target among the inputs"
            received = f"received target columns {list(shape.target_columns)} for {shape.targets} targets"
            raise ModelError(f"{rule}: {received}; use `relative_to: none`", at=("relative_to",))
        if self.relative_to == "instance":
            return RelativeToInstance(layers, head, shape.target_columns)
        return RelativeToLast(layers, head, shape.target_columns, self._move() or torch.add)

    def _move(self) -> Move | None:
        """How the head's distributions are moved; none where they are points, or cannot be."""
        return self.head.moved if isinstance(self.head, LocationHead) else None

    def loss_of(self, output: Float[Tensor, "batch ..."], batch: Batch) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over the observed values of the horizon, and their number."""
        assert batch.target is not None, "a forecaster is trained on batches that hold its target"
        return self.loss.sums(output, batch.target, batch.target_observed)
