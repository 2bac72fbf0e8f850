"""A convolutional encoder of single frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Self

import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn

from rnnlib.activations import ACTIVATIONS, Activation
from rnnlib.errors import ModelError, misplaced
from rnnlib.initialisation import AnyFilterInitialisation, He, Initialisation
from rnnlib.layer import EachStep, Flow, Layer

Filters = Annotated[int, Field(ge=1, le=4096)]


class Frames(Layer):
    """Reads every step as a picture, through blocks of convolutions that halve its sides.

    z_0 = the frame,  z_{i+1} = φ(W_i ∗ z_i + b_i) at every second pixel,  y_t = all pixels of z_n, or their mean

    x: [batch, time, height · width · channels], rows of pixels, each pixel's channels together. The same weights read
    every frame. Sides are halved and rounded up by each block.

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition"; below a recurrent network,
    Donahue et al. 2015, arXiv:1411.4389.
    """

    kind: Literal["frames"] = "frames"
    height: int | None = Field(None, ge=1, le=4096, description="rows of a frame, in pixels; left out: as in the data")
    width: int | None = Field(None, ge=1, le=4096, description="pixels of a row; left out: as in the data")
    channels: int | None = Field(
        None, ge=1, le=4096, description="values of a pixel; left out: as in the data, or 1 where the sides are said"
    )
    filters: tuple[Filters, ...] = Field((16, 32), min_length=1, max_length=12, description="filters of every block")
    kernel: Literal[1, 3, 5, 7] = Field(3, description="side of the square of pixels that a filter reads")
    pool: Literal["all", "mean"] = Field("all", description="what is given: all pixels that are left, or their mean")
    activation: Activation = Field("relu", description="φ of the equation")
    initialisation: AnyFilterInitialisation = Field(He(), description="how every W starts; biases start at 0")

    @model_validator(mode="after")
    def _both_sides_or_none(self) -> Self:
        if (self.height is None) != (self.width is None):
            lacking = "width" if self.width is None else "height"
            raise misplaced(f"a frame has `height` and `width`: received no `{lacking}`; give both, or none", lacking)
        return self

    def after(self, before: Flow) -> Flow:
        """The filters of the last block at each pixel that is left; raises `ModelError` where x is no such frame."""
        frame = self._frame(before)
        if frame is None:
            return before._replace(width=None if self.pool == "all" else self.filters[-1])
        height, width, channels = frame
        size = height * width * channels
        if before.width is not None and before.width != size:
            rule = f"frames of {height} × {width} pixels of {channels} have {size} values a step"
            raise ModelError(f"{rule}: received {before.width}; change height, width or channels", at=("height",))
        pixels = _halved(height, len(self.filters)) * _halved(width, len(self.filters))
        return before._replace(width=self.filters[-1] * (pixels if self.pool == "all" else 1))

    def _frame(self, before: Flow) -> tuple[int, int, int] | None:
        """What a step is; none while only the spec is read. Raises `ModelError` where nobody says it."""
        if self.height is not None and self.width is not None:
            return self.height, self.width, self.channels or 1
        if before.frame is None and before.width is not None:
            rule = "the data does not say that its steps are frames of pixels"
            raise ModelError(f"{rule}: give `height` and `width`, or encode it as frames", at=("height",))
        if before.frame is not None and self.channels not in (None, before.frame[2]):
            rule = f"a pixel of the data has {before.frame[2]} values"
            raise ModelError(f"{rule}: received {self.channels}; leave it out", at=("channels",))
        return before.frame

    @property
    def one_way(self) -> bool:
        """No frame sees another."""
        return True

    def build(self, before: Flow) -> FrameSteps:
        """The module."""
        self.after(before)
        frame = self._frame(before)
        assert frame is not None, "known once the data is"
        widths = (frame[2], *self.filters[:-1])
        blocks = [
            _block(inputs, filters, self.kernel, self.initialisation)
            for inputs, filters in zip(widths, self.filters, strict=True)
        ]
        return FrameSteps(blocks, frame, self.activation, self.pool)


class FrameSteps(EachStep):
    """Blocks of convolutions over every frame."""

    def __init__(
        self,
        blocks: list[nn.Conv2d],
        frame: tuple[int, int, int],
        activation: Activation,
        pool: Literal["all", "mean"],
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.frame, self.activation, self.pool = frame, activation, pool

    def each(self, x: Float[Tensor, "batch time value"]) -> Float[Tensor, "batch time feature"]:
        """The last block's pixels of every frame."""
        pixels = x.reshape(-1, *self.frame).permute(0, 3, 1, 2)
        for block in self.blocks:
            pixels = ACTIVATIONS[self.activation](block(pixels))
        return POOLS[self.pool](pixels).reshape(*x.shape[:2], -1)


POOLS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "all": lambda pixels: pixels.flatten(1),
    "mean": lambda pixels: pixels.mean(dim=(2, 3)),
}


def _block(inputs: int, filters: int, kernel: int, initialisation: Initialisation) -> nn.Conv2d:
    convolution = nn.Conv2d(inputs, filters, kernel, stride=2, padding=kernel // 2)
    assert convolution.bias is not None, "torch's default"
    with torch.no_grad():
        initialisation.draw(convolution.weight)
        nn.init.zeros_(convolution.bias)
    return convolution


def _halved(side: int, times: int) -> int:
    return -(-side // (1 << times))
