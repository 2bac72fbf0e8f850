"""Examples of the same batch that something is taken from, and how much of it."""

from __future__ import annotations

import torch
from jaxtyping import Float32, Int64
from torch import Generator, Tensor

_TRIES = 64
"""Each is taken with a probability of at least ½: all fail once in 10¹⁹ windows."""


def partners(count: int, draw: Generator) -> Int64[Tensor, " batch"]:
    """For each example of a batch another one: a random cycle through them all."""
    order = torch.randperm(count, generator=draw)
    found = torch.empty(count, dtype=torch.int64)
    found[order] = order.roll(1)
    return found


def shares(count: int, alpha: float, draw: Generator) -> Float32[Tensor, " batch"]:
    """λ ~ Beta(α, α) of each example, 0 < α ≤ 1: of u, v ~ U(0, 1) the first with u^{1/α} + v^{1/α} ≤ 1.

    λ = u^{1/α} / (u^{1/α} + v^{1/α}). Source: Jöhnk 1964, "Erzeugung von betaverteilten und gammaverteilten
    Zufallszahlen".
    """
    one, other = torch.rand(2, count, _TRIES, generator=draw, dtype=torch.float64).log() / alpha
    sums = torch.logaddexp(one, other)
    first = (sums <= 0).int().argmax(1, keepdim=True)
    found: Tensor = (one - sums).gather(1, first)[:, 0].exp().float()
    return found
