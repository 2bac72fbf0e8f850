"""Blocks of a temporal convolutional network."""

from __future__ import annotations

from typing import Literal, Self, cast

from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.activations import ACTIVATIONS, Activation
from rnnlib.errors import misplaced
from rnnlib.initialisation import AnyFilterInitialisation, Constant, He, Zeros
from rnnlib.layer import Flow, Layer, Lengths, Memory, Streams
from rnnlib.layers.dilated import Normalised, Weighted
from rnnlib.layers.projection import projection


class TCN(Layer):
    r"""Residual blocks of two dilated causal convolutions; the dilation doubles from block to block.

    z = dropout(φ(W ∗ x + b)),  z' = dropout(φ(W' ∗ z + b')),  y = φ(z' + P x)

    Each filter of W is g · V / ‖V‖ (weight normalisation), its length g learned apart from its direction V. P is the
    identity where widths agree, and a learned map else. Block i has dilation · 2^i; a step sees
    1 + 2 · (kernel − 1) · dilation · (2^blocks − 1) steps.

    Source: Bai, Kolter and Koltun 2018, arXiv:1803.01271; weight normalisation: Salimans and Kingma 2016,
    arXiv:1602.07868.
    """

    kind: Literal["tcn"] = "tcn"
    filters: int = Field(..., ge=1, le=65_536, description="width of what comes out of every block")
    kernel: int = Field(3, ge=1, le=10_000, description="steps that each convolution reads")
    blocks: int = Field(1, ge=1, le=24, description="how many blocks stand upon each other")
    dilation: int = Field(1, ge=1, le=10_000, description="steps between those that the lowest block reads")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of values zeroed behind each convolution, in training")
    activation: Activation = Field("relu", description="φ of the equation")
    weight_normalisation: bool = Field(True, description="whether filters are learned as a length and a direction")
    initialisation: AnyFilterInitialisation = Field(He(), description="how W and W' start; biases start at 0")

    @model_validator(mode="after")
    def _filters_have_a_direction(self) -> Self:
        flat = self.initialisation == Zeros() or self.initialisation == Constant(value=0)
        if self.weight_normalisation and flat:
            rule = "weight normalisation divides a filter by its length, and one that is 0 has no direction"
            received = f"received {self.initialisation.kind}"
            remedy = "use another one, or weight_normalisation: false"
            raise misplaced(f"{rule}: {received}; {remedy}", "initialisation")
        return self

    def after(self, before: Flow) -> Flow:
        """`filters` wide, as many steps."""
        return before._replace(width=self.filters)

    @property
    def one_way(self) -> bool:
        """Its convolutions are causal."""
        return True

    def build(self, before: Flow) -> TCNSteps:
        """The module."""
        widths = [before.known, *(self.filters,) * (self.blocks - 1)]
        return TCNSteps(Block(width, self, self.dilation * 2**place) for place, width in enumerate(widths))


class TCNSteps(nn.ModuleList, Streams):
    """Blocks upon each other."""

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time filter"], Lengths]:
        """What the highest block gives; padding stands on the right, where nothing looks."""
        for block in self.blocks():
            x = block(x)
        return x, lengths

    def start(self, batch: int) -> Memory:
        """Zeros for what every convolution reaches back to."""
        return tuple(block.start(batch) for block in self.blocks())

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch filter"], Memory]:
        """What the highest block gives for the newest step."""
        after = []
        for block, before in zip(self.blocks(), memory, strict=True):
            x, kept = block.step(x, before)
            after.append(kept)
        return x, tuple(after)

    def blocks(self) -> list[Block]:
        """The blocks, from the lowest up."""
        return cast("list[Block]", list(self))


class Block(nn.Module):
    """Two causal convolutions and what goes around them."""

    def __init__(self, inputs: int, section: TCN, dilation: int) -> None:
        super().__init__()
        self.dropout, self.activation = section.dropout, section.activation
        of_kind = Normalised if section.weight_normalisation else Weighted
        self.first = of_kind(inputs, section.filters, section.kernel, dilation, section.initialisation)
        self.second = of_kind(section.filters, section.filters, section.kernel, dilation, section.initialisation)
        self.around = projection(inputs, section.filters) if inputs != section.filters else nn.Identity()

    def forward(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch time filter"]:
        """φ(z' + P x)."""
        z = self._shown(self.first.over(x))
        z = self._shown(self.second.over(z))
        return ACTIVATIONS[self.activation](z + self.around(x))

    def start(self, batch: int) -> Memory:
        """Zeros."""
        return self.first.start(batch), self.second.start(batch)

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch filter"], Memory]:
        """φ(z' + P x) at the newest step."""
        z, first = self.first.newest(x, memory[0])
        z, second = self.second.newest(self._shown(z), memory[1])
        return ACTIVATIONS[self.activation](self._shown(z) + self.around(x)), (first, second)

    def _shown(self, z: Tensor) -> Tensor:
        return F.dropout(ACTIVATIONS[self.activation](z), self.dropout, self.training)
