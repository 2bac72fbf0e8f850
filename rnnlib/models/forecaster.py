"""The forecaster."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float, Int64
from pydantic import Field
from torch import Tensor, nn

from rnnlib.data.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.layers import Stack
from rnnlib.models.base import Model
from rnnlib.models.heads import AnyForecastHead, Point
from rnnlib.models.losses import AnyLoss, MeanSquaredError
from rnnlib.models.relative import RelativeToLast
from rnnlib.models.sequence_model import SequenceModel
from rnnlib.models.shape import Shape


class Forecaster(Model):
    """Reads a window of `context` steps and gives the `horizon` steps behind it: [batch, horizon, targets]."""

    kind: Literal["forecaster"] = "forecaster"
    head: AnyForecastHead = Field(Point(), description="what turns the last states into a forecast")
    loss: AnyLoss = Field(MeanSquaredError(), description="what training makes small")
    relative_to: Literal["none", "last"] = Field(
        "none", description="`last`: the window's last target values are taken off its inputs and added to the forecast"
    )

    def build(self, shape: Shape) -> nn.Module:
        """The module: [batch, horizon, targets]."""
        layers = Stack(self.layers, shape.flow())
        head = self.head.build(layers.flow, shape)
        if self.relative_to == "none":
            return SequenceModel(layers, head)
        if len(shape.target_columns) != shape.targets:
            rule = "`relative_to: last` needs every target among the inputs"
            received = f"received target columns {list(shape.target_columns)} for {shape.targets} targets"
            raise ModelError(f"{rule}: {received}; use `relative_to: none`", at=("relative_to",))
        return RelativeToLast(layers, head, shape.target_columns)

    def loss_of(self, output: Float[Tensor, "batch ..."], batch: Batch) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over the observed values of the horizon, and their number."""
        assert batch.target is not None, "a forecaster is trained on batches that hold its target"
        return self.loss.sums(output, batch.target, batch.target_observed)
