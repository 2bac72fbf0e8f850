"""What heads of taggers share: an output for every step, and what is read off it."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64, Shaped
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layer import Lengths
from rnnlib.layers.projection import projection
from rnnlib.models.heads.base import Head
from rnnlib.models.losses import Loss
from rnnlib.padding import valid_steps


class Decoded(NamedTuple):
    """What is predicted for every step of a batch; beyond the sequences' lengths it means nothing."""

    best: Int64[Tensor, "batch time"] | Int64[Tensor, "batch time tag"]
    """The class, or for every column 1 where it is held to be true."""
    probabilities: Float[Tensor, "batch time value"]
    """Of every class, or that each column is 1."""


class StepHead(Head):
    """A head that gives something for every step."""

    @abstractmethod
    def compared(
        self,
        loss: Loss,
        output: Float[Tensor, "batch time ..."],
        truth: Shaped[Tensor, "batch time ..."],
        observed: Bool[Tensor, "batch time ..."],
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over the steps that have a truth, and their number."""

    @abstractmethod
    def decoded(self, output: Float[Tensor, "batch time ..."]) -> Decoded:
        """The predictions of a batch."""


class StepLogits(nn.Module):
    """One affine map from the states and static values of a step to its logits; 0 beyond a sequence's length."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.affine = projection(inputs, outputs)

    def forward(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> Float[Tensor, "batch time value"]:
        """The logits of every step."""
        logits: Tensor = self.affine(with_static(states, batch))
        return logits if lengths is None else logits.masked_fill(~valid_steps(lengths, logits.shape[1])[..., None], 0)


def with_static(states: Float[Tensor, "batch time unit"], batch: Batch) -> Float[Tensor, "batch time value"]:
    """Every step's state, and behind it the static values where there are any."""
    if batch.static is None:
        return states
    return torch.cat([states, batch.static[:, None].expand(-1, states.shape[1], -1)], dim=2)
