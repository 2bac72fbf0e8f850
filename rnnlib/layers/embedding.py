"""Vectors for tokens."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.errors import ModelError
from rnnlib.initialisation import AnyInitialisation, Initialisation, Normal
from rnnlib.layer import Flow, Layer, Lengths, Memory, Streams
from rnnlib.layers.tokens import Column, place_of
from rnnlib.padding import zeroed


class Embedding(Layer):
    """A learned vector for each token; the other columns pass beside it.

    y_t = [E_{i_t}, the other columns of x_t],  i_t = x_t in `column`, a whole number from 0 up

    E: [tokens, width]; tokens · width parameters.

    Source: Bengio et al. 2003, "A neural probabilistic language model".
    """

    passes_tokens: ClassVar[bool] = True

    kind: Literal["embedding"] = "embedding"
    tokens: int | None = Field(
        None,
        ge=1,
        le=10_000_000,
        description="how many different tokens there are; left out: as many as the data has",
    )
    width: int = Field(..., ge=1, le=65_536, description="values of each token's vector")
    column: Column = Field(0, description="the column that holds the tokens, by its name in the data or counted from 0")
    initialisation: AnyInitialisation = Field(Normal(), description="how E starts")

    def after(self, before: Flow) -> Flow:
        """The vector in the token's place; raises `ModelError` where there is no such column."""
        if before.width is None:
            return before
        at = place_of(self.column, before)
        if at >= before.width:
            rule = f"tokens stand in one of the {before.width} columns, counted from 0"
            raise ModelError(f"{rule}: received {at}; use {before.width - 1} or less", at=("column",))
        self._known(before)
        others = [place for place in range(before.width) if place != at]
        left = (one._replace(at=self.width + others.index(one.at)) for one in before.tokens if one.at in others)
        return before._replace(width=before.width - 1 + self.width, tokens=tuple(left))

    def reads(self, before: Flow) -> tuple[str, ...]:
        """The columns of tokens that it reads."""
        at = place_of(self.column, before)
        return tuple(one.name for one in before.tokens if one.at == at)

    def _known(self, before: Flow) -> int:
        """How many tokens there are; the data's number where the section names none."""
        of_data = next((one.size for one in before.tokens if one.at == place_of(self.column, before)), None)
        if of_data is None and self.tokens is None:
            rule = "an embedding needs to know how many tokens there are, and no `encode` counted them in this column"
            raise ModelError(f"{rule}: received column {self.column}; write `tokens`, or encode it", at=("tokens",))
        if of_data is not None and self.tokens is not None and self.tokens < of_data:
            rule = f"the data has {of_data} different tokens"
            raise ModelError(f"{rule}: received {self.tokens}; leave `tokens` out", at=("tokens",))
        return self.tokens if self.tokens is not None else of_data or 0

    @property
    def one_way(self) -> bool:
        """No step sees another."""
        return True

    def build(self, before: Flow) -> EmbeddingSteps:
        """The module."""
        self.after(before)
        return EmbeddingSteps(self._known(before), self.width, place_of(self.column, before), self.initialisation)


class EmbeddingSteps(nn.Module, Streams):
    """A table of vectors."""

    def __init__(self, tokens: int, width: int, column: int, initialisation: Initialisation) -> None:
        super().__init__()
        self.column = column
        self.vectors = nn.Parameter(torch.empty(tokens, width))
        initialisation.draw(self.vectors)

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time width"], Lengths]:
        """[E_{i_t}, other columns]; padding is taken for token 0."""
        return self._embedded(zeroed(x, lengths)), lengths

    def start(self, batch: int) -> Memory:  # noqa: ARG002 - nothing is kept
        """Nothing."""
        return ()

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch width"], Memory]:
        """[E_{i_t}, other columns] for this step."""
        return self._embedded(x), memory

    def _embedded(self, x: Float[Tensor, "*batch feature"]) -> Float[Tensor, "*batch width"]:
        values = x[..., self.column]
        tokens = values.long()
        if x.device.type == "cpu":  # a GPU would have to be waited for; there the lookup itself fails
            known = (values == tokens) & (tokens >= 0) & (tokens < len(self.vectors))
            if not known.all():
                rule = f"tokens are whole numbers from 0 to {len(self.vectors) - 1}"
                received = f"received {float(values[~known][0]):g} in column {self.column}"
                raise ModelError(f"{rule}: {received}; give the embedding more tokens, or leave that column as it came")
        others = torch.cat([x[..., : self.column], x[..., self.column + 1 :]], dim=-1)
        return torch.cat([nn.functional.embedding(tokens, self.vectors), others], dim=-1)
