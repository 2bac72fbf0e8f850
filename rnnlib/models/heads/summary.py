"""A whole sequence as one vector."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from rnnlib.data.batching.batch import Batch
from rnnlib.layer import Lengths
from rnnlib.padding import last_valid


def summary(states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch) -> Float[Tensor, "batch value"]:
    """The last state that is no padding, and behind it the static values where there are any."""
    last = last_valid(states, lengths)
    return last if batch.static is None else torch.cat([last, batch.static], dim=1)
