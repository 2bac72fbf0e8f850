"""One logit for every class."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Lengths
from rnnlib.layers.projection import projection
from rnnlib.models.heads.base import Head
from rnnlib.models.heads.summary import summary
from rnnlib.models.shape import Shape


class Classes(Head):
    """A logit for every class, from the last state and the static values.

    logits = W [h_T, static] + b,  p = softmax(logits)

    Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
    """

    gives: ClassVar[str] = "logits"
    kind: Literal["classes"] = "classes"

    def width(self, shape: Shape) -> int:
        """The number of classes; raises `ModelError` where there are not two or more."""
        if shape.classes is None or shape.classes < 2:
            rule = "a classifier tells two or more classes apart"
            raise ModelError(f"{rule}: received {shape.classes}; name a `label` column with more than one value")
        return shape.classes

    def build(self, before: Flow, shape: Shape) -> ClassesHead:
        """The module: [batch, class]."""
        return ClassesHead(before.known + shape.static, self.width(shape))


class ClassesHead(nn.Module):
    """One affine map from a sequence's summary to a logit for every class."""

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.affine = projection(inputs, classes)

    def forward(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> Float[Tensor, "batch class"]:
        """The logits."""
        logits: Tensor = self.affine(summary(states, lengths, batch))
        return logits
