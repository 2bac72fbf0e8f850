"""Where in the sequence a step stands, by sines or as learned vectors."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal, Self

import torch
from jaxtyping import Float, Int64
from pydantic import Field, model_validator
from torch import Tensor, nn

from rnnlib.errors import ModelError, misplaced
from rnnlib.initialisation import AnyInitialisation, Initialisation, Normal
from rnnlib.layer import Flow, Layer, Lengths, Memory, Streams

Join = Literal["add", "concat"]


class Positions(Layer):
    """A layer that tells every step its place."""

    join: Join = Field("add", description="whether p_t is added to what comes in or stands beside it")
    width: int | None = Field(None, ge=1, le=65_536, description="values of p_t, for concat; added, it is as wide as x")

    @model_validator(mode="after")
    def _width_is_that_of_what_stands_beside(self) -> Self:
        if (self.join == "concat") != (self.width is not None):
            rule = "concat needs the width of p_t, and add takes that of what comes in"
            raise misplaced(f"{rule}: received {self.join} and width {self.width}; change one of them", "width")
        return self

    def after(self, before: Flow) -> Flow:
        """As wide as what comes in, and p_t beside it where they are joined so."""
        if before.width is None or self.width is None:
            return before
        return before._replace(width=before.width + self.width)

    @property
    def one_way(self) -> bool:
        """A place is counted from the first step."""
        return True


class Sinusoidal(Positions):
    r"""Sines and cosines of the step's number, of geometrically growing period.

    p_t[2i] = sin(t / period^{2i/d}),  p_t[2i + 1] = cos(t / period^{2i/d}),  t = 0, 1, …; y_t = x_t + p_t or [x_t, p_t]

    Source: Vaswani et al. 2017, arXiv:1706.03762.
    """

    kind: Literal["positional"] = "positional"
    period: float = Field(10_000.0, gt=1, le=1e9, description="2π times this is the longest wave's length in steps")

    def build(self, before: Flow) -> PositionSteps:
        """The module; it has no weights."""
        return PositionSteps(Waves(self.width or before.known, self.period), self.join)


class LearnedPositions(Positions):
    """A learned vector for each place in the sequence.

    y_t = x_t + P_t or [x_t, P_t],  P: [length, width]

    Source: Gehring et al. 2017, arXiv:1705.03122.
    """

    kind: Literal["learned_positional"] = "learned_positional"
    length: int = Field(..., ge=1, le=1_000_000, description="the most steps that a sequence has")
    initialisation: AnyInitialisation = Field(Normal(), description="how P starts")

    def after(self, before: Flow) -> Flow:
        """As the others; raises `ModelError` where sequences are known to be longer than `length`."""
        if before.steps is not None and before.steps > self.length:
            rule = f"there are {self.length} learned places"
            raise ModelError(
                f"{rule}: received sequences of {before.steps} steps; use a length of {before.steps}", at=("length",)
            )
        return super().after(before)

    def build(self, before: Flow) -> PositionSteps:
        """The module."""
        self.after(before)
        return PositionSteps(Places(self.length, self.width or before.known, self.initialisation), self.join)


class PositionOf(nn.Module):
    """Gives p of places."""

    @abstractmethod
    def forward(self, places: Int64[Tensor, " place"], like: Tensor) -> Float[Tensor, "place width"]:
        """p of these places, in the type of `like`."""


class Waves(PositionOf):
    """Sines and cosines, computed in float64: a float32 has no digits left for sin(100,000)."""

    def __init__(self, width: int, period: float) -> None:
        super().__init__()
        self.width, self.period = width, period

    def forward(self, places: Int64[Tensor, " place"], like: Tensor) -> Float[Tensor, "place width"]:
        """sin and cos in turns."""
        columns = torch.arange(self.width, device=places.device)
        angle = places[:, None] / self.period ** ((columns - columns % 2).double() / self.width)
        return torch.where(columns % 2 == 0, angle.sin(), angle.cos()).to(like.dtype)


class Places(PositionOf):
    """A table of vectors."""

    def __init__(self, length: int, width: int, initialisation: Initialisation) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.empty(length, width))
        initialisation.draw(self.vectors)

    def forward(self, places: Int64[Tensor, " place"], like: Tensor) -> Float[Tensor, "place width"]:  # noqa: ARG002
        """The rows of these places."""
        if places.device.type == "cpu" and int(places.max()) >= len(self.vectors):
            rule = f"there are {len(self.vectors)} learned places"
            raise ModelError(
                f"{rule}: received a sequence of {int(places.max()) + 1} steps; give the layer more length"
            )
        return self.vectors[places]


class PositionSteps(nn.Module, Streams):
    """x_t with p_t."""

    def __init__(self, position: PositionOf, join: Join) -> None:
        super().__init__()
        self.position, self.join = position, join

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time width"], Lengths]:
        """x_t with p_t for every t."""
        places = torch.arange(x.shape[1], device=x.device)
        return self._joined(x, self.position(places, x).expand(len(x), -1, -1)), lengths

    def start(self, batch: int) -> Memory:
        """The place of the next step."""
        return (torch.zeros(batch, dtype=torch.int64),)

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch width"], Memory]:
        """x_t with p_t for this step."""
        places = memory[0].to(x.device)
        return self._joined(x, self.position(places, x)), (places + 1,)

    def _joined(self, x: Tensor, p: Tensor) -> Tensor:
        return x + p if self.join == "add" else torch.cat([x, p], dim=-1)
