"""A residual connection around layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.activations import AT_ZERO
from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Layer, Lengths, Memory, Streams
from rnnlib.layers.conv1d import Conv1d
from rnnlib.layers.dense import Dense
from rnnlib.layers.normalisation import Normalisation
from rnnlib.layers.projection import projection
from rnnlib.layers.stack import Stack, flows

if TYPE_CHECKING:
    from rnnlib.layers import AnyLayer


class Residual(Layer):
    """Adds what comes in to what the layers inside make of it.

    y_t = P x_t + f(x)_t

    f: the layers inside; P: the identity, or a learned map where `project`. With `zero` the last layer inside starts at
    0, and so the block starts as P alone: gradients reach what lies below as if the block were not there.

    Source: He et al. 2015, arXiv:1512.03385; the zero: Goyal et al. 2017, arXiv:1706.02677.
    """

    kind: Literal["residual"] = "residual"
    layers: tuple[AnyLayer, ...] = Field(..., min_length=1, max_length=64, description="f, the layers inside")
    project: bool = Field(False, description="whether x goes through a learned map of its own, to the width of f")
    zero: bool = Field(False, description="whether the weights of the last layer inside start at 0")

    def after(self, before: Flow) -> Flow:
        """As what the layers inside give; raises `ModelError` where it cannot be added to what comes in."""
        after = flows(self.layers, before)[-1]
        last = len(self.layers) - 1
        if not self.project and None not in (before.width, after.width) and before.width != after.width:
            rule = f"what comes in is added to what the layers inside give, and is {before.width} wide"
            received = f"received layers that give {after.width}"
            raise ModelError(f"{rule}: {received}; make them agree, or use project: true", at=("layers", last))
        in_place = flows(self.layers, before._replace(aligned=True))[-1].aligned
        if after.steps != before.steps or not (in_place or (not before.aligned and before.steps is not None)):
            rule = "a residual adds step to step"
            received = "received layers that give other steps than they read"
            raise ModelError(f"{rule}: {received}; use padding: same or causal, no stride, no pooling", at=("layers",))
        if self.zero and not _can_be_zero(self.layers[-1]):
            rule = (
                "a layer that can start at 0 is a dense or conv1d layer with φ(0) = 0, or a normalisation with affine"
            )
            received = f"received {self.layers[-1].kind} as the last"
            raise ModelError(f"{rule}: {received}; put a dense layer behind it, or leave zero out", at=("zero",))
        return after

    @property
    def one_way(self) -> bool:
        """Where all layers inside are."""
        return all(layer.one_way for layer in self.layers)

    def build(self, before: Flow) -> ResidualSteps:
        """The module."""
        after = self.after(before)
        inside = Stack(self.layers, before)
        if self.zero:
            for parameter in inside[-1].parameters():
                nn.init.zeros_(parameter)
        around = projection(before.known, after.known) if self.project else nn.Identity()
        return (StreamingResidual if inside.streams else ResidualSteps)(inside, around)


class ResidualSteps(nn.Module):
    """P x + f(x)."""

    def __init__(self, layers: Stack, around: nn.Module) -> None:
        super().__init__()
        self.layers, self.around = layers, around

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time unit"], Lengths]:
        """P x_t + f(x)_t for every t."""
        inside, after = self.layers(x, lengths)
        return self.around(x) + inside, after


class StreamingResidual(ResidualSteps, Streams):
    """The same, of layers that run step by step."""

    def start(self, batch: int) -> Memory:
        """What the layers inside start with."""
        return self.layers.start(batch)

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch unit"], Memory]:
        """P x_t + f(x)_t for this step."""
        inside, after = self.layers.step(x, memory)
        return torch.add(self.around(x), inside), after


def _can_be_zero(layer: Layer) -> bool:
    if isinstance(layer, Normalisation):
        return layer.affine
    return isinstance(layer, Dense | Conv1d) and layer.activation in AT_ZERO
