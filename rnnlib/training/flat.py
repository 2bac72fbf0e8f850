"""All weights of a player as one vector, and their gradients as another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

ALIGNMENT: Final = 64
"""Bytes at whose multiples every weight starts, as in memory of its own: kernels read it in whole vectors."""


class Flat:
    """θ and g: two contiguous vectors, of which every trainable weight and its gradient are views.

    What an optimizer, clipping or an average does is then one operation over one tensor. Matrices stand first, vectors
    behind them, so that either are one slice. Shared weights are there once, frozen ones not at all. The few values
    between two weights are 0 in both vectors, and stay 0 whatever is done to them.
    """

    def __init__(self, named: Iterable[tuple[str, nn.Parameter]]) -> None:
        unique: dict[int, tuple[str, nn.Parameter]] = {}
        for name, weight in named:
            if weight.requires_grad:
                unique.setdefault(id(weight), (name, weight))
        self.weights: Mapping[str, nn.Parameter] = dict(sorted(unique.values(), key=lambda pair: pair[1].ndim < 2))
        self._places: dict[str, slice] = {}
        kinds = {(weight.dtype, weight.device) for weight in self.weights.values()} or {(torch.float32, _CPU)}
        assert len(kinds) == 1, f"the weights of a player have one type and stand on one device, not {kinds}"
        dtype, device = kinds.pop()
        end = self._laid_out(ALIGNMENT // dtype.itemsize)
        self.theta = torch.zeros(end, dtype=dtype, device=device)
        self.gradient = torch.zeros_like(self.theta)
        for name, weight in self.weights.items():
            view = self.of(name, self.theta)
            view.copy_(weight.detach())
            weight.data = view
            weight.grad = self.of(name, self.gradient)

    def _laid_out(self, step: int) -> int:
        end, self.matrices = 0, 0
        for name, weight in self.weights.items():
            self._places[name] = slice(end, end + weight.numel())
            end += -(-weight.numel() // step) * step
            self.matrices = end if weight.ndim >= 2 else self.matrices
        return end

    def of(self, name: str, vector: Float[Tensor, " weights"]) -> Float[Tensor, ...]:
        """The part of a vector that belongs to one weight, in the weight's shape."""
        return vector[self._places[name]].view(self.weights[name].shape)

    def release(self) -> None:
        """Gives every weight memory of its own again, and takes its gradient away."""
        for weight in self.weights.values():
            weight.data = weight.detach().clone()
            weight.grad = None


_CPU = torch.device("cpu")
