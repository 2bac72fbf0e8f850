"""The regressor."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float, Int64
from pydantic import Field
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layers import Stack
from rnnlib.models.base import Model
from rnnlib.models.fitting_loss import FittingLoss
from rnnlib.models.heads import AnyValueHead, Value
from rnnlib.models.sequence_model import SequenceModel
from rnnlib.models.shape import Shape


class Regressor(Model):
    """Reads a whole sequence and gives one number: [batch]."""

    kind: Literal["regressor"] = "regressor"
    head: AnyValueHead = Field(Value(), description="what turns the last states into a number")
    loss: FittingLoss = Field(None, validate_default=True, description="what training makes small; left out: mse")

    def build(self, shape: Shape) -> nn.Module:
        """The module: [batch]."""
        layers = Stack(self.layers, shape.flow())
        return SequenceModel(layers, self.head.build(layers.flow, shape))

    def loss_of(self, output: Float[Tensor, "batch ..."], batch: Batch) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over the batch, and the number of its sequences."""
        assert batch.label is not None, "a regressor is trained on batches that hold labels"
        return self.loss.sums(output, batch.label)
