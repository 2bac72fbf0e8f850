"""One number for a whole sequence."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layer import Flow, Lengths
from rnnlib.layers.projection import projection
from rnnlib.models.heads.base import Head
from rnnlib.models.heads.summary import summary
from rnnlib.models.shape import Shape


class Value(Head):
    """One number for a sequence, from the last state and the static values.

    ŷ = w · [h_T, static] + b

    Source: Goodfellow, Bengio and Courville 2016, "Deep Learning", chapter 10.2 (one output at the end of a sequence).
    """

    gives: ClassVar[str] = "values"
    kind: Literal["value"] = "value"

    def width(self, shape: Shape) -> int:  # noqa: ARG002 - it is one whatever the data is
        """One."""
        return 1

    def build(self, before: Flow, shape: Shape) -> ValueHead:
        """The module: [batch]."""
        return ValueHead(before.known + shape.static)


class ValueHead(nn.Module):
    """One affine map from a sequence's summary to a number."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.affine = projection(inputs, 1)

    def forward(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> Float[Tensor, " batch"]:
        """The number, in model units."""
        number: Tensor = self.affine(summary(states, lengths, batch))
        return number.squeeze(1)
