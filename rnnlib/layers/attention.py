"""Self-attention over time."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Layer, Lengths
from rnnlib.layers.attending import Attends, shares
from rnnlib.layers.projection import projection
from rnnlib.padding import valid_steps


class Attention(Layer):
    """Multi-head self-attention over time, added to what comes in.

    q_t = W_q x_t + b_q,  k_t = W_k x_t + b_k,  v_t = W_v x_t + b_v, dealt out to the heads, d = inputs / heads each;
    in every head a_t = Σ_s softmax_s(q_t · k_s / √d) v_s;  y_t = x_t + W_o [a_t of all heads] + b_o

    s runs over the valid steps, up to t where `causal`. It knows no order of its own: put it behind a recurrent cell.
    x: [batch, time, inputs]; 4 · inputs · (inputs + 1) parameters.

    Source: Vaswani et al. 2017, arXiv:1706.03762; the residual: He et al. 2015, arXiv:1512.03385.
    """

    kind: Literal["attention"] = "attention"
    heads: int = Field(1, ge=1, le=1024, description="how many heads share the width; it must divide by them")
    causal: bool = Field(False, description="whether a step sees only itself and the steps before it")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of attention weights zeroed, in training only")

    def after(self, before: Flow) -> Flow:
        """As wide as what comes in; raises `ModelError` where that does not divide by `heads`."""
        if before.width is not None and before.width % self.heads:
            rule = f"attention deals its {before.width} inputs out to its heads evenly"
            received = f"received {self.heads} heads"
            raise ModelError(f"{rule}: {received}; use one of {_divisors(before.width)}", at=("heads",))
        return before

    @property
    def one_way(self) -> bool:
        """Where it is causal."""
        return self.causal

    def build(self, before: Flow) -> SelfAttention:
        """The module."""
        return SelfAttention(self.after(before).known, self.heads, self.causal, self.dropout)


def _divisors(width: int) -> str:
    return ", ".join(str(heads) for heads in range(1, min(width, 1024) + 1) if width % heads == 0)


class SelfAttention(nn.Module, Attends):
    """Multi-head self-attention with a residual."""

    axes: ClassVar[tuple[str, ...]] = ("head", "step", "step")

    def __init__(self, width: int, heads: int, causal: bool, dropout: float) -> None:
        super().__init__()
        self.heads, self.causal, self.dropout = heads, causal, dropout
        self.query, self.key, self.value, self.output = (projection(width, width) for _ in range(4))

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time feature"], Lengths]:
        """x_t + W_o [a_t of all heads] + b_o for every t."""
        mask = None
        if lengths is not None and not self.causal:  # a causal step sees no padding: that stands on the right
            mask = valid_steps(lengths, x.shape[1])[:, None, None, :]
        heads: Tensor = F.scaled_dot_product_attention(
            self._by_head(self.query(x)),
            self._by_head(self.key(x)),
            self._by_head(self.value(x)),
            attn_mask=mask,
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=self.causal,
        )
        joined: Tensor = self.output(heads.transpose(1, 2).flatten(2))
        return x + joined, lengths

    def weights(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> Float[Tensor, "batch head time seen"]:
        """softmax_s(q_t · k_s / √d) of every head; rows of padding say nothing."""
        query, key = self._by_head(self.query(x)), self._by_head(self.key(x))
        scores = query @ key.transpose(2, 3) * query.shape[3] ** -0.5
        if self.causal:
            later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        found = shares(scores.flatten(1, 2), None if self.causal else lengths)
        return found.reshape(len(x), self.heads, x.shape[1], -1)

    def _by_head(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch head time share"]:
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)
