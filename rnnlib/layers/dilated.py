"""Dilated causal convolutions, with plain filters or with filters of a learned length."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from rnnlib.initialisation import Initialisation


class Dilated(nn.Module, ABC):
    """W ∗ x + b, where a step reads itself and kernel − 1 steps before it, `dilation` apart."""

    def __init__(self, inputs: int, filters: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.inputs, self.dilation, self.past = inputs, dilation, dilation * (kernel - 1)
        self.bias = nn.Parameter(torch.zeros(filters))

    @abstractmethod
    def weights(self) -> Float[Tensor, "filter input tap"]:
        """W."""

    def over(self, x: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time filter"]:
        """W ∗ x + b, with zeros before the first step."""
        return self._convolved(F.pad(x, (0, 0, self.past, 0)))

    def start(self, batch: int) -> Float[Tensor, "batch past input"]:
        """The steps before the first: zeros."""
        return self.bias.new_zeros(batch, self.past, self.inputs)

    def newest(
        self, x: Float[Tensor, "batch input"], past: Float[Tensor, "batch past input"]
    ) -> tuple[Float[Tensor, "batch filter"], Float[Tensor, "batch past input"]]:
        """W ∗ x + b at the newest step, and the steps that the next one reaches back to."""
        read = torch.cat([past, x[:, None]], dim=1)
        return self._convolved(read)[:, 0], read[:, 1:]

    def _convolved(self, x: Float[Tensor, "batch filled input"]) -> Float[Tensor, "batch time filter"]:
        found: Tensor = F.conv1d(x.transpose(1, 2), self.weights(), self.bias, dilation=self.dilation)
        return found.transpose(1, 2)


class Weighted(Dilated):
    """Filters that are learned as they are: `kernel`."""

    def __init__(self, inputs: int, filters: int, kernel: int, dilation: int, initialisation: Initialisation) -> None:
        super().__init__(inputs, filters, kernel, dilation)
        self.kernel = nn.Parameter(torch.empty(filters, inputs, kernel))
        initialisation.draw(self.kernel)

    def weights(self) -> Float[Tensor, "filter input tap"]:
        """W."""
        return self.kernel


class Normalised(Dilated):
    """Filters that are learned as a `length` g and a `direction` V: W = g · V / ‖V‖, filter by filter."""

    def __init__(self, inputs: int, filters: int, kernel: int, dilation: int, initialisation: Initialisation) -> None:
        super().__init__(inputs, filters, kernel, dilation)
        self.direction = nn.Parameter(torch.empty(filters, inputs, kernel))
        initialisation.draw(self.direction)
        self.length = nn.Parameter(_norms(self.direction.detach()))  # W = V to begin with

    def weights(self) -> Float[Tensor, "filter input tap"]:
        """g · V / ‖V‖."""
        return self.length * self.direction / _norms(self.direction)


def _norms(filters: Float[Tensor, "filter input tap"]) -> Float[Tensor, "filter 1 1"]:
    return filters.square().sum(dim=(1, 2), keepdim=True).sqrt()
