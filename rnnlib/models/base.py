"""What every model shares: a stack of layers, a head, a loss, and the check that they fit."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Self

from jaxtyping import Float, Int64
from pydantic import Field, model_validator
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError, misplaced
from rnnlib.layers import AnyLayer, Flow, flows
from rnnlib.models.category_vectors import CategoryVectors, Embedded
from rnnlib.models.heads import Head
from rnnlib.models.losses import Loss, losses_for
from rnnlib.models.player import Player
from rnnlib.models.sequence_model import Reader
from rnnlib.models.shape import Shape
from rnnlib.part import Part


class Model(Part):
    """A stack of layers, a head and a loss."""

    layers: tuple[AnyLayer, ...] = Field(
        ..., min_length=1, max_length=256, description="the layers, from the data up to the head"
    )
    embed: dict[Annotated[str, Field(min_length=1, max_length=1000)], Annotated[int, Field(ge=1, le=65_536)]] = Field(
        {},
        max_length=100_000,
        description="the width of the learned vectors of columns of categories, by name; of others min(50, ⌈√size⌉). "
        "What an `embedding` layer reads is left to it",
    )
    head: Head
    loss: Loss

    @model_validator(mode="after")
    def _layers_fit_each_other(self) -> Self:
        try:
            flows(self.layers, Flow(None))
        except ModelError as error:
            raise misplaced(error.message, *error.at) from error
        return self

    @model_validator(mode="after")
    def _loss_fits_the_head(self) -> Self:
        head, loss = self.head, self.loss
        if loss.takes != head.gives:
            rule = f"the head `{head.kind}` gives {head.gives}, the loss `{loss.kind}` takes {loss.takes}"
            raise misplaced(f"{rule}: received {loss.kind}; use {' or '.join(losses_for(head.gives))}", "loss", "kind")
        return self

    @abstractmethod
    def build(self, shape: Shape) -> nn.Module:
        """The module over numbers: called on a `Batch`, it gives what the head gives, in model units.

        Its weights are drawn from torch's default generator: seed that first. Raises `ModelError` where the model
        cannot stand on data of this shape.
        """

    def assembled(self, shape: Shape) -> nn.Module:
        """The module with the vectors of its categories under it; what `build` gives where the data has none.

        Raises `ModelError` as `build` does, and for a width of vectors of a column that holds no categories.
        """
        embedded = Embedded.of(self.layers, shape, self.embed)
        module = self.build(embedded.seen(shape))
        if embedded.widths:
            assert isinstance(module, Reader), "modules of models read batches"
            module.vectors = CategoryVectors(embedded)
        return module

    @abstractmethod
    def loss_of(self, output: Float[Tensor, "batch ..."], batch: Batch) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over all observed values of `batch`, and their number: the mean is their quotient."""

    def players(self, module: nn.Module) -> tuple[Player, ...]:
        """Who learns in `module`: one player that has all of its weights, unless a model says otherwise."""
        return (Player("model", tuple(module.named_parameters()), lambda batch: self.loss_of(module(batch), batch)),)
