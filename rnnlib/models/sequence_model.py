"""A stack of layers with a head upon it."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.data.batch import Batch
from rnnlib.layers import Stack


class SequenceModel(nn.Module):
    """head(layers(inputs)): parameters are named `layers.<index>.…` and `head.…`."""

    def __init__(self, layers: Stack, head: nn.Module) -> None:
        super().__init__()
        self.layers = layers
        self.head = head

    def forward(self, batch: Batch) -> Float[Tensor, "batch ..."]:
        """What the head gives, in model units."""
        output: Tensor = self.head(*self.layers(batch.inputs, batch.padding), batch)
        return output
