"""Layers in a row."""

from __future__ import annotations

from collections.abc import Sequence

from jaxtyping import Float, Int64
from torch import Tensor, nn

from rnnlib.cells import Cell
from rnnlib.errors import ModelError
from rnnlib.layers.base import Layer, Width


def widths(layers: Sequence[Layer | Cell], inputs: Width) -> list[int | Width]:
    """The width behind every layer, from the sections alone; where `inputs` is none, as far as it is known.

    Raises `ModelError` at `("layers", i, …)` where a layer cannot stand on the one before it.
    """
    found: list[int | Width] = []
    before: int | Width = inputs
    for index, layer in enumerate(layers):
        try:
            before = layer.width(before)
        except ModelError as error:
            raise ModelError(error.message, at=("layers", index, *error.at)) from error
        found.append(before)
    return found


class Stack(nn.ModuleList):
    """Modules in a row, each reading what the one before gives: [batch, time, inputs] to [batch, time, width]."""

    def __init__(self, layers: Sequence[Layer | Cell], inputs: int) -> None:
        after = widths(layers, inputs)
        super().__init__(layer.build(width) for layer, width in zip(layers, [inputs, *after[:-1]], strict=True))
        self.width = after[-1]

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Int64[Tensor, " batch"] | None = None
    ) -> Float[Tensor, "batch time unit"]:
        """What the last layer gives."""
        for layer in self:
            x = layer(x, lengths)
        return x
