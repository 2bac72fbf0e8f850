"""What may be stacked in a model: sections that build modules over sequences, and what flows between them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

from jaxtyping import Float, Int64
from torch import Tensor, nn

from rnnlib.part import Part

Lengths = Int64[Tensor, " batch"] | None
"""How many steps of each sequence are no padding, which stands on the right; none where nothing is padded."""

Memory = tuple[Any, ...]
"""What a streaming module carries from step to step: tensors with the batch first, in tuples as deep as it likes."""


class Tokens(NamedTuple):
    """A column of tokens, which an embedding reads."""

    name: str
    at: int
    """Its place among the columns."""
    size: int
    """How many different tokens there are."""


class Flow(NamedTuple):
    """What stands at one place of a stack; a size is none where it varies, or while only the spec is read."""

    width: int | None
    """Values at every step."""
    steps: int | None = None
    """Steps of time; none for sequences of different length."""
    horizon: int | None = None
    """Steps that the model is to forecast, for layers that write them."""
    aligned: bool = True
    """Whether step t still stands for step t of what the model reads."""
    tokens: tuple[Tokens, ...] = ()
    """The columns that hold tokens; none behind a layer that has made something else of them."""
    frame: tuple[int, int, int] | None = None
    """Height, width and channels, where every step is a frame of pixels; none behind a layer, as of tokens."""

    @property
    def known(self) -> int:
        """The width, when a module is built: it is known then."""
        assert self.width is not None, "modules are built once the data is known"
        return self.width


class Layer(Part):
    """A part that builds a module from [batch, time, width] to [batch, time, another width].

    The module is called as `module(x, lengths)` and gives the same pair. Steps at or after `lengths` are padding: their
    values must change no bit of the valid steps, nor of any gradient.
    """

    passes_tokens: ClassVar[bool] = False
    """Whether columns of tokens may still be told from others behind it."""

    @abstractmethod
    def after(self, before: Flow) -> Flow:
        """What the layer gives, standing on `before`; raises `ModelError` where it cannot stand there."""

    @abstractmethod
    def build(self, before: Flow) -> nn.Module:
        """The module; its weights are drawn from torch's default generator."""

    @property
    @abstractmethod
    def one_way(self) -> bool:
        """Whether what it gives at a step rests on that step and those before it alone."""


class Streams(ABC):
    """A module that can also run one step at a time, to the numbers of its forward pass in evaluation."""

    @abstractmethod
    def start(self, batch: int) -> Memory:
        """The memory before the first step."""

    @abstractmethod
    def step(self, x: Float[Tensor, "batch width"], memory: Memory) -> tuple[Float[Tensor, "batch width_"], Memory]:
        """One step: what it gives, and the memory after it."""


class EachStep(nn.Module, Streams):
    """A module that does the same to every step for itself: no step sees another, so there is nothing to remember."""

    @abstractmethod
    def each(self, x: Float[Tensor, "batch time width"]) -> Float[Tensor, "batch time width_"]:
        """What it gives for every step."""

    def forward(
        self, x: Float[Tensor, "batch time width"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time width_"], Lengths]:
        """What it gives for every step, padding or not."""
        return self.each(x), lengths

    def start(self, batch: int) -> Memory:  # noqa: ARG002 - nothing is kept
        """Nothing."""
        return ()

    def step(self, x: Float[Tensor, "batch width"], memory: Memory) -> tuple[Float[Tensor, "batch width_"], Memory]:
        """What it gives for this step."""
        return self.each(x[:, None])[:, 0], memory
