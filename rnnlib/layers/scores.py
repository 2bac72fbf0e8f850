"""Scores of attention: how well what is asked for and what is there answer each other."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.errors import ModelError
from rnnlib.layers.projection import projection
from rnnlib.part import Family, Part


class Score(Part):
    """A part that builds a module from queries [batch, asked, query] and keys [batch, time, key] to their scores."""

    kind: str

    @abstractmethod
    def check(self, query: int | None, key: int | None) -> None:
        """Raises `ModelError` where queries and keys of these widths cannot be compared."""

    @abstractmethod
    def build(self, query: int, key: int) -> nn.Module:
        """The module; its weights are drawn from torch's default generator."""


class Additive(Score):
    """Additive attention: a small network compares what is asked for with what is there, whatever their widths.

    e_s = v · tanh(W q + U k_s + b)

    W: [units, query], U: [units, key], v and b: [units].

    Source: Bahdanau, Cho and Bengio 2014, arXiv:1409.0473.
    """

    kind: Literal["additive"] = "additive"
    units: int = Field(32, ge=1, le=65_536, description="width of the comparison")

    def check(self, query: int | None, key: int | None) -> None:
        """Any widths can be compared."""

    def build(self, query: int, key: int) -> AdditiveScore:
        """The module."""
        return AdditiveScore(query, key, self.units)


class AdditiveScore(nn.Module):
    """v · tanh(W q + U k_s + b)."""

    def __init__(self, query: int, key: int, units: int) -> None:
        super().__init__()
        self.query, self.key = projection(query, units), projection(key, units)
        self.key.register_parameter("bias", None)  # one of the two is enough
        self.vector = nn.Parameter(torch.empty(units).uniform_(-1, 1) / math.sqrt(units))

    def forward(
        self, query: Float[Tensor, "batch asked query"], key: Float[Tensor, "batch time key"]
    ) -> Float[Tensor, "batch asked time"]:
        """The score of every query with every key."""
        return torch.tanh(self.query(query)[:, :, None] + self.key(key)[:, None]) @ self.vector


Form = Literal["dot", "general", "scaled"]


class Multiplicative(Score):
    """Multiplicative attention: products of what is asked for and what is there.

    dot: e_s = q · k_s;  scaled: e_s = q · k_s / √d, d their width;  general: e_s = q · W k_s,  W: [query, key]

    Source: Luong, Pham and Manning 2015, arXiv:1508.04025; scaled: Vaswani et al. 2017, arXiv:1706.03762.
    """

    kind: Literal["multiplicative"] = "multiplicative"
    form: Form = Field("general", description="`dot` and `scaled` have no weights and need equal widths")

    def check(self, query: int | None, key: int | None) -> None:
        """Raises `ModelError` where there is no W and the widths differ."""
        if self.form != "general" and None not in (query, key) and query != key:
            rule = f"`form: {self.form}` multiplies vectors of one width"
            received = f"received queries of {query} and keys of {key} values"
            raise ModelError(f"{rule}: {received}; use `form: general`, or make them equal", at=("form",))

    def build(self, query: int, key: int) -> MultiplicativeScore:
        """The module; raises `ModelError` where the widths do not fit the form."""
        self.check(query, key)
        return MultiplicativeScore(query, key, self.form)


class MultiplicativeScore(nn.Module):
    """q · k_s, scaled, or with a matrix between them."""

    def __init__(self, query: int, key: int, form: Form) -> None:
        super().__init__()
        self.matrix = projection(key, query) if form == "general" else nn.Identity()
        if form == "general":
            self.matrix.register_parameter("bias", None)
        self.scale = query**-0.5 if form == "scaled" else 1.0

    def forward(
        self, query: Float[Tensor, "batch asked query"], key: Float[Tensor, "batch time key"]
    ) -> Float[Tensor, "batch asked time"]:
        """The score of every query with every key."""
        scores: Tensor = query @ self.matrix(key).transpose(1, 2)
        return scores * self.scale


AnyScore = Annotated[Additive | Multiplicative, Family("attention_score")]
