"""Forecasts as differences from the last value."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.data.batch import Batch
from rnnlib.layers import Stack
from rnnlib.layers.padding import last_valid


class RelativeToLast(nn.Module):
    """Takes the window's last target values off the target columns that go in, and adds them to the forecast.

    ŷ = head(layers(x − x_T)) + x_T,  in the target columns

    A level that wanders then moves the forecast along, whatever the weights are. Source: NLinear in Zeng et al. 2022,
    arXiv:2205.13504; SegRNN, arXiv:2308.11200.
    """

    def __init__(self, layers: Stack, head: nn.Module, target_columns: Sequence[int]) -> None:
        super().__init__()
        self.layers = layers
        self.head = head
        self.target_columns = list(target_columns)

    def forward(self, batch: Batch) -> Float[Tensor, "batch horizon target"]:
        """The forecast, in model units."""
        last = last_valid(batch.inputs, batch.lengths)
        level = torch.zeros_like(last)
        level[:, self.target_columns] = last[:, self.target_columns]
        states = self.layers(batch.inputs - level[:, None], batch.lengths)
        difference: Tensor = self.head(states, batch)
        return difference + last[:, None, self.target_columns]
