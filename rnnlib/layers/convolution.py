"""Convolution over time: its weights, its padding, and the same one step at a time."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.activations import ACTIVATIONS, Activation
from rnnlib.errors import ModelError
from rnnlib.initialisation import Initialisation
from rnnlib.layer import Lengths, Memory, Streams
from rnnlib.padding import zeroed

Padding = Literal["valid", "same", "causal"]


class Taps(NamedTuple):
    """Which steps a convolution reads."""

    kernel: int
    stride: int
    dilation: int
    padding: Padding

    @property
    def reach(self) -> int:
        """Steps from the first that is read to the last."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def before(self) -> int:
        """Zeros in front of a sequence."""
        return {"valid": 0, "same": (self.reach - 1) // 2, "causal": self.reach - 1}[self.padding]

    @property
    def behind(self) -> int:
        """Zeros behind it."""
        return self.reach - 1 - self.before if self.padding == "same" else 0

    def steps(self, read: int) -> int:
        """How many steps come out of `read`; raises `ModelError` where none does."""
        filled = read + self.before + self.behind
        if filled < self.reach:
            rule = f"a kernel of {self.kernel} with dilation {self.dilation} reads {self.reach} steps"
            received = f"received a sequence of {read} without padding"
            raise ModelError(f"{rule}: {received}; use padding: causal or same, or a smaller kernel", at=("kernel",))
        return (filled - self.reach) // self.stride + 1


class Filters(nn.Module):
    """The weights of a convolution: `kernel` [filters, inputs / groups, taps] and `bias`."""

    def __init__(
        self, inputs: int, filters: int, taps: Taps, groups: int, *, bias: bool, initialisation: Initialisation
    ) -> None:
        super().__init__()
        self.taps, self.groups = taps, groups
        self.kernel = nn.Parameter(torch.empty(filters, inputs // groups, taps.kernel))
        self.bias = nn.Parameter(torch.zeros(filters)) if bias else None
        initialisation.draw(self.kernel)

    def forward(self, x: Float[Tensor, "batch filled input"]) -> Float[Tensor, "batch time filter"]:
        """Σ_k W_k x_{t·stride + k·dilation} + b over what is there."""
        taps = self.taps
        found: Tensor = F.conv1d(
            x.transpose(1, 2), self.kernel, self.bias, taps.stride, dilation=taps.dilation, groups=self.groups
        )
        return found.transpose(1, 2)


class Convolution(nn.Module):
    """Filters over a padded sequence, and an activation."""

    def __init__(self, filters: Filters, activation: Activation) -> None:
        super().__init__()
        self.filters, self.activation = filters, activation

    def forward(
        self, x: Float[Tensor, "batch time input"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch steps filter"], Lengths]:
        """φ(W ∗ x + b); what stands behind a sequence's end is zero, as behind the longest."""
        taps = self.filters.taps
        shortest = x.shape[1] if lengths is None else int(lengths.min())
        taps.steps(shortest)
        filled = F.pad(zeroed(x, lengths), (0, 0, taps.before, taps.behind))
        return ACTIVATIONS[self.activation](self.filters(filled)), _after(taps, lengths)


class CausalConvolution(Convolution, Streams):
    """Filters that read no later step: one step at a time it keeps the steps that the kernel reaches back to."""

    def start(self, batch: int) -> Memory:
        """Zeros."""
        width = self.filters.kernel.shape[1] * self.filters.groups
        return (self.filters.kernel.new_zeros(batch, self.filters.taps.reach - 1, width),)

    def step(self, x: Float[Tensor, "batch input"], memory: Memory) -> tuple[Float[Tensor, "batch filter"], Memory]:
        """φ(W ∗ x + b) at the newest step."""
        (past,) = memory
        read = torch.cat([past, x[:, None]], dim=1)
        return ACTIVATIONS[self.activation](self.filters(read)[:, 0]), (read[:, 1:],)


def _after(taps: Taps, lengths: Lengths) -> Int64[Tensor, " batch"] | None:
    if lengths is None:
        return None
    return (lengths + taps.before + taps.behind - taps.reach) // taps.stride + 1
