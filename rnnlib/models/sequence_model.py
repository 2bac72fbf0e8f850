"""A stack of layers with a head upon it."""

from __future__ import annotations

from abc import abstractmethod

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layers import Stack
from rnnlib.models.category_vectors import CategoryVectors


class Reader(nn.Module):
    """What models are called on: batches, in which tokens of categories become vectors first."""

    def __init__(self) -> None:
        super().__init__()
        self.vectors: CategoryVectors | None = None

    def forward(self, batch: Batch) -> Float[Tensor, "batch ..."]:
        """What the head gives, in model units."""
        return self.answer(batch if self.vectors is None else self.vectors(batch))

    @abstractmethod
    def answer(self, batch: Batch) -> Float[Tensor, "batch ..."]:
        """The same, once every column is a number."""


class SequenceModel(Reader):
    """head(layers(inputs)): parameters are named `layers.<index>.…` and `head.…`."""

    def __init__(self, layers: Stack, head: nn.Module) -> None:
        super().__init__()
        self.layers = layers
        self.head = head

    def answer(self, batch: Batch) -> Float[Tensor, "batch ..."]:
        """What the head gives, in model units."""
        output: Tensor = self.head(*self.layers(batch.inputs, batch.padding), batch)
        return output
