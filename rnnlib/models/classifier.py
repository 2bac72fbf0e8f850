"""The classifier."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float, Int64
from pydantic import Field
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layers import Stack
from rnnlib.models.base import Model
from rnnlib.models.fitting_loss import FittingLoss
from rnnlib.models.heads import AnyClassHead, Classes
from rnnlib.models.losses import ClassLoss
from rnnlib.models.sequence_model import SequenceModel
from rnnlib.models.shape import Shape


class Classifier(Model):
    """Reads a whole sequence and gives a logit for every class: [batch, class]."""

    kind: Literal["classifier"] = "classifier"
    head: AnyClassHead = Field(Classes(), description="what turns the last states into logits")
    loss: FittingLoss = Field(
        None, validate_default=True, description="what training makes small; left out: cross_entropy"
    )

    def build(self, shape: Shape) -> nn.Module:
        """The module: [batch, class]."""
        layers = Stack(self.layers, shape.flow())
        return SequenceModel(layers, self.head.build(layers.flow, shape))

    def loss_of(self, output: Float[Tensor, "batch ..."], batch: Batch) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over the batch, and the number of its sequences."""
        assert batch.label is not None, "a classifier is trained on batches that hold labels"
        if batch.share is None or batch.beside is None:
            return self.loss.sums(output, batch.label)
        assert isinstance(self.loss, ClassLoss), "what takes logits is a loss of classes"
        return self.loss.mixed(output, batch.label, batch.beside, batch.share)
