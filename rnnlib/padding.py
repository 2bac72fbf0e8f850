"""Sequences of a batch are padded on the right; these tell the padding from the rest."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor


def valid_steps(lengths: Int64[Tensor, " batch"], time: int) -> Bool[Tensor, "batch time"]:
    """Which of `time` steps belong to the sequence."""
    return torch.arange(time, device=lengths.device) < lengths[:, None]


def last_valid(
    x: Float[Tensor, "batch time unit"], lengths: Int64[Tensor, " batch"] | None
) -> Float[Tensor, "batch unit"]:
    """The last step of every sequence that is no padding; the last of all where nothing is padded."""
    return x[:, -1] if lengths is None else x[torch.arange(len(x), device=x.device), lengths - 1]
