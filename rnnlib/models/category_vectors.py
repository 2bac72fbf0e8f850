"""Categories as vectors: tables that are learned with the rest of a model, under its layers and its head."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.initialisation import Normal
from rnnlib.layer import Flow, Layer, Tokens
from rnnlib.layers import Embedding, Spelling, flows
from rnnlib.models.shape import Shape
from rnnlib.part import Part

WIDEST = 50
"""The width of a vector, where nothing says it, is at most this."""


def usual_width(size: int) -> int:
    """min(50, ⌈√size⌉): the width of the vectors of a column of so many tokens, where nothing says it."""
    return min(WIDEST, math.ceil(math.sqrt(size)))


class Embedded(NamedTuple):
    """The columns of tokens that become vectors, where they stand among inputs, future and static values."""

    inputs: tuple[Tokens, ...]
    future: tuple[Tokens, ...]
    static: tuple[Tokens, ...]
    widths: Mapping[str, int]

    @classmethod
    def of(cls, layers: Sequence[Layer], shape: Shape, widths: Mapping[str, int]) -> Embedded:
        """All but those inputs that an `embedding` layer reads; raises `ModelError` for a width of none of them."""
        read = set(_read(layers, shape.flow()))
        inputs = tuple(one for one in shape.tokens if one.name not in read)
        found = cls(inputs, shape.future_tokens, shape.static_tokens, {})
        sizes = {one.name: one.size for columns in found[:3] for one in columns}
        for name in widths:
            if name not in sizes:
                what = "an `embedding` layer reads this one" if name in read else f"there are {_listed(sizes)}"
                rule = "a width is that of the vectors of a column of categories"
                raise ModelError(f"{rule}: received `{name}`, and {what}; take it out", at=("embed", name))
        return found._replace(widths={name: widths.get(name, usual_width(size)) for name, size in sizes.items()})

    def seen(self, shape: Shape) -> Shape:
        """What layers and head read: the vectors in the place of tokens."""
        return shape.model_copy(
            update={
                "inputs": shape.inputs + self._more(self.inputs),
                "future": shape.future + self._more(self.future),
                "static": shape.static + self._more(self.static),
                "tokens": tuple(one for one in shape.tokens if one not in self.inputs),
                "future_tokens": (),
                "static_tokens": (),
            }
        )

    def _more(self, columns: Sequence[Tokens]) -> int:
        return sum(self.widths[one.name] - 1 for one in columns)


class CategoryVectors(nn.Module):
    """A table of vectors for each column of categories, the same one over the past and over the horizon.

    x̃ = [x with E_{i}[1] in the place of i, E_{i}[2:]],  E: [tokens, width]

    Other columns keep their places; what is wider than the token stands behind them. The vector of token 0, unknown,
    starts at 0, so what train never shows is neither here nor there.

    Source: Guo and Berkhahn 2016, arXiv:1604.06737.
    """

    def __init__(self, embedded: Embedded) -> None:
        super().__init__()
        self.embedded = embedded
        sizes = {one.name: one.size for columns in embedded[:3] for one in columns}
        self.names = list(sizes)
        self.tables = nn.ParameterList(
            nn.Parameter(torch.empty(size, embedded.widths[name])) for name, size in sizes.items()
        )
        for table in self.tables:
            Normal().draw(table)
            with torch.no_grad():
                table[0] = 0

    def forward(self, batch: Batch) -> Batch:
        """The batch with vectors in the place of tokens."""
        inputs, future, static, _ = self.embedded
        return replace(
            batch,
            inputs=self._vectors(batch.inputs, inputs),
            absent=None if batch.absent is None else self._absent(batch.absent, inputs),
            future=None if batch.future is None else self._vectors(batch.future, future),
            static=None if batch.static is None else self._vectors(batch.static, static),
        )

    def _vectors(self, x: Float[Tensor, "*batch column"], columns: Sequence[Tokens]) -> Float[Tensor, "*batch value"]:
        if not columns:
            return x
        x, behind = x.clone(), []
        for one in columns:
            table = self.tables[self.names.index(one.name)]
            vectors = nn.functional.embedding(x[..., one.at].long(), table)
            x[..., one.at] = vectors[..., 0]
            behind.append(vectors[..., 1:])
        return torch.cat([x, *behind], dim=-1)

    def _absent(self, absent: Bool[Tensor, "*batch column"], columns: Sequence[Tokens]) -> Bool[Tensor, "*batch value"]:
        behind = (
            absent[..., one.at, None].expand(*absent.shape[:-1], self.embedded.widths[one.name] - 1) for one in columns
        )
        return torch.cat([absent, *behind], dim=-1)


def _read(layers: Sequence[Layer], before: Flow) -> Iterator[str]:
    """The columns of tokens that layers of embeddings and spellings read, those inside of other layers too."""
    for layer, flow in zip(layers, [before, *flows(layers, before)], strict=False):
        if isinstance(layer, Embedding | Spelling):
            yield from layer.reads(flow)
        for inside in _inside(layer):
            yield from _read(inside, flow)


def _inside(layer: Layer) -> Iterator[tuple[Layer, ...]]:
    """The rows of layers that stand inside of one."""
    for name in type(layer).model_fields:
        value = getattr(layer, name)
        for row in (value, *(value if isinstance(value, tuple) else ())):
            if isinstance(row, tuple) and row and all(isinstance(one, Part) and isinstance(one, Layer) for one in row):
                yield row


def _listed(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"`{name}`" for name in list(sizes)[:20]) or "none"
