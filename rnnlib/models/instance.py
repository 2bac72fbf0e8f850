"""Forecasts in units of each window's own level and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layers import Stack
from rnnlib.models.sequence_model import Reader
from rnnlib.padding import valid_steps

EPSILON = 1e-5
"""Added to a window's variance: a constant window has none."""


class RelativeToInstance(Reader):
    """Normalises the target columns of each window by their own mean and deviation, and the forecast back.

    x̃ = (x − μ) / σ,  ŷ = σ ⊙ head(layers(x̃)) + μ,  σ² = variance + ε;  over the window's known steps

    A window of another level and size is then the same window to the layers.

    Source: Kim et al. 2022, "Reversible instance normalization", openreview cGDAkQo1C0p; without its
    learned scale and shift.
    """

    def __init__(self, layers: Stack, head: nn.Module, target_columns: Sequence[int]) -> None:
        super().__init__()
        self.layers = layers
        self.head = head
        self.target_columns = list(target_columns)

    def answer(self, batch: Batch) -> Float[Tensor, "batch horizon target"]:
        """The forecast, in model units."""
        targets, inputs = self.target_columns, batch.inputs.clone()
        mean, deviation = level_and_size(batch, targets)
        inputs[..., targets] = (inputs[..., targets] - mean) / deviation
        if batch.absent is not None:
            inputs.masked_fill_(batch.absent, 0)  # no value is taken for the mean
        # a head that is fed with the truth while it trains is fed with it as it would be normalised
        target = None if batch.target is None else (batch.target - mean) / deviation
        seen = replace(batch, inputs=inputs, target=target)
        normalised: Tensor = self.head(*self.layers(inputs, batch.padding), seen)
        return normalised * deviation + mean


def level_and_size(
    batch: Batch, columns: list[int]
) -> tuple[Float[Tensor, "batch 1 column"], Float[Tensor, "batch 1 column"]]:
    """Mean and deviation of every window's known values; 0 and 1 where it holds none."""
    x, known = batch.inputs[..., columns], _known(batch, columns)
    count = known.sum(dim=1, keepdim=True)
    mean = x.masked_fill(~known, 0).sum(dim=1, keepdim=True) / count.clamp(min=1)
    variance = (x - mean).masked_fill(~known, 0).square().sum(dim=1, keepdim=True) / count.clamp(min=1)
    return mean, torch.where(count > 0, (variance + EPSILON).sqrt(), 1.0)


def _known(batch: Batch, columns: list[int]) -> Bool[Tensor, "batch time column"]:
    inside = valid_steps(batch.lengths, batch.inputs.shape[1])[..., None]
    return inside.expand(-1, -1, len(columns)) if batch.absent is None else inside & ~batch.absent[..., columns]
