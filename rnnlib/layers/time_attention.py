"""Attention over the steps of each input column."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.layer import Flow, Layer, Lengths
from rnnlib.layers.attending import Attends, shares
from rnnlib.layers.projection import projection
from rnnlib.layers.window_steps import as_window, window_steps


class TimeAttention(Layer):
    """Weights applied directly to the inputs: of every column the steps that matter, and the others faded out.

    a^k = softmax(W x^k + b),  y_t^k = a_t^k x_t^k

    x^k: column k over the T steps of the window, W: [T, T], shared by all columns; T (T + 1) parameters. With `shared`
    a_t is the mean of a_t^k over the columns, so that a step counts the same in all of them.

    Source: the attention of "Permute, Dense, Multiply" on inputs, as in Keras' tutorials; softmax over time: Bahdanau
    et al. 2014, arXiv:1409.0473.
    """

    kind: Literal["time_attention"] = "time_attention"
    shared: bool = Field(False, description="whether a step has one weight for all columns")

    def after(self, before: Flow) -> Flow:
        """As what comes in."""
        return before

    @property
    def one_way(self) -> bool:
        """The softmax runs over the whole window."""
        return False

    def build(self, before: Flow) -> TimeWeighted:
        """The module; raises `ModelError` where sequences differ in length."""
        return TimeWeighted(window_steps(before, "time_attention"), self.shared)


class TimeWeighted(nn.Module, Attends):
    """Inputs times the softmax of an affine map over time."""

    axes: ClassVar[tuple[str, ...]] = ("column", "step")

    def __init__(self, steps: int, shared: bool) -> None:
        super().__init__()
        self.steps, self.shared = steps, shared
        self.affine = projection(steps, steps)

    def forward(
        self, x: Float[Tensor, "batch time width"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time width"], Lengths]:
        """a_t^k x_t^k."""
        return x * self.weights(x, lengths).transpose(1, 2), lengths

    def weights(
        self, x: Float[Tensor, "batch time width"], lengths: Lengths = None
    ) -> Float[Tensor, "batch width time"]:
        """a_t^k."""
        scores = self.affine(as_window(x, lengths, self.steps).transpose(1, 2))
        found = shares(scores[..., : x.shape[1]], lengths)
        return found.mean(dim=1, keepdim=True).expand_as(found) if self.shared else found
