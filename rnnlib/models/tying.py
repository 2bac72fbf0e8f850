"""Tied weights: the table that tokens are read by is the kernel that tells them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from rnnlib.errors import ModelError
from rnnlib.layers import Embedding, Layer, Stack


def table_at(layers: Sequence[Layer]) -> int | None:
    """Where the first embedding stands among the layers; none where there is none."""
    return next((index for index, layer in enumerate(layers) if isinstance(layer, Embedding)), None)


def tie(affine: nn.Linear, layers: Sequence[Layer], built: Stack) -> None:
    r"""Makes the kernel of `affine` the table of the first embedding: one parameter with two names.

    W = E,  ∂L/∂E = ∂L/∂E as it is read + ∂L/∂W

    Raises `ModelError` where E is no [classes, inputs] of the map.

    Source: Press and Wolf 2017, arXiv:1608.05859; Inan, Khosravi and Socher 2017, arXiv:1611.01462.
    """
    at = table_at(layers)
    assert at is not None, "a model with a tied head has an embedding"
    table = built[at].vectors
    assert isinstance(table, nn.Parameter)
    (tokens, width), (classes, inputs) = table.shape, affine.weight.shape
    rule = "with `tied` the head's kernel is the embedding's table, [tokens, width]"
    if tokens != classes:
        received = f"received {tokens} tokens and {classes} classes"
        raise ModelError(f"{rule}: {received}; use `tokens: {classes}`", at=("layers", at, "tokens"))
    if width != inputs:
        fill = width - (inputs - built.flow.known)  # static values are read beside the last layer's
        remedy = f"put `{{kind: dense, units: {fill}}}` behind the layers" if fill > 0 else f"use `width: {inputs}`"
        received = f"received a width of {width} and a head that reads {inputs} values"
        raise ModelError(f"{rule}: {received}; {remedy}", at=("layers", at, "width"))
    affine.weight = table
