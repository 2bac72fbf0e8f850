"""Attention pooling over time."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Layer, Lengths
from rnnlib.layers.attending import Attends, shares
from rnnlib.layers.scores import Additive, AnyScore
from rnnlib.padding import last_valid


class AttentionPooling(Layer):
    """A whole sequence as one step: the mean of its steps, weighted by how well they answer what is asked for.

    a_t = softmax_t(score(q, x_t)),  y = Σ_t a_t x_t  over the valid steps

    q is the last valid step, or a vector that is learned. x: [batch, time, width], y: [batch, 1, width].

    Source: Luong, Pham and Manning 2015, arXiv:1508.04025 (the last state asks); Yang et al. 2016, "Hierarchical
    attention networks for document classification" (a learned vector asks).
    """

    kind: Literal["attention_pooling"] = "attention_pooling"
    score: AnyScore = Field(Additive(), description="how a step is held against what is asked for")
    query: Literal["last", "learned"] = Field("last", description="what asks: the last valid step, or a learned vector")

    def after(self, before: Flow) -> Flow:
        """One step, as wide as what comes in; raises `ModelError` where the score cannot compare such steps."""
        try:
            self.score.check(before.width, before.width)
        except ModelError as error:
            raise ModelError(error.message, at=("score", *error.at)) from error
        return before._replace(steps=1, aligned=False)

    @property
    def one_way(self) -> bool:
        """Its one step rests on all of them."""
        return False

    def build(self, before: Flow) -> AttentionPooled:
        """The module."""
        self.after(before)
        return AttentionPooled(self.score, self.query, before.known)


class AttentionPooled(nn.Module, Attends):
    """A weighted mean over time."""

    query: nn.Parameter | None

    axes: ClassVar[tuple[str, ...]] = ("step",)

    def __init__(self, score: AnyScore, query: Literal["last", "learned"], width: int) -> None:
        super().__init__()
        self.score = score.build(width, width)
        asks = nn.Parameter(torch.randn(width) / width**0.5) if query == "learned" else None
        self.register_parameter("query", asks)

    def forward(
        self, x: Float[Tensor, "batch time width"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch 1 width"], None]:
        """Σ_t a_t x_t; a single step has no padding."""
        return self.weights(x, lengths)[:, None] @ x, None

    def weights(self, x: Float[Tensor, "batch time width"], lengths: Lengths = None) -> Float[Tensor, "batch time"]:
        """a_t."""
        asks = last_valid(x, lengths) if self.query is None else self.query.expand(len(x), -1)
        return shares(self.score(asks[:, None], x), lengths)[:, 0]
