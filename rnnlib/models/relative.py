"""Forecasts as differences from the last value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layers import Stack
from rnnlib.models.sequence_model import Reader
from rnnlib.padding import last_valid

Move = Callable[[Tensor, Tensor], Tensor]
"""Moves a head's output by [batch, 1, target]."""


class RelativeToLast(Reader):
    """Takes the window's last known target values off the target columns that go in, and adds them to the forecast.

    ŷ = head(layers(x − x_T)) + x_T,  in the target columns

    A level that wanders then moves the forecast along, whatever the weights are. Source: NLinear in Zeng et al. 2022,
    arXiv:2205.13504; SegRNN, arXiv:2308.11200.
    """

    def __init__(self, layers: Stack, head: nn.Module, target_columns: Sequence[int], move: Move) -> None:
        super().__init__()
        self.layers = layers
        self.head = head
        self.target_columns = list(target_columns)
        self.move = move

    def answer(self, batch: Batch) -> Float[Tensor, "batch horizon target *parameter"]:
        """The forecast, in model units."""
        targets, inputs = self.target_columns, batch.inputs.clone()
        last = last_known(batch, targets)
        inputs[..., targets] -= last[:, None]
        if batch.absent is not None:
            inputs.masked_fill_(batch.absent, 0)  # no value is no difference
        # a head that is fed with the truth while it trains is fed with differences, as those are what it gives
        target = None if batch.target is None else batch.target - last[:, None]
        moved = replace(batch, inputs=inputs, target=target)
        difference: Tensor = self.head(*self.layers(inputs, batch.padding), moved)
        return self.move(difference, last[:, None])


def last_known(batch: Batch, columns: list[int]) -> Float[Tensor, "batch column"]:
    """The last value that there is in each of these columns; 0, the mean, where a window holds none."""
    if batch.absent is None:
        return last_valid(batch.inputs, batch.lengths)[:, columns]
    steps = torch.arange(batch.inputs.shape[1], device=batch.inputs.device)[None, :, None]
    known = torch.where(batch.absent[..., columns], -1, steps).amax(dim=1)
    values = batch.inputs[..., columns].gather(1, known.clamp(min=0)[:, None])[:, 0]
    return values.masked_fill(known < 0, 0)
