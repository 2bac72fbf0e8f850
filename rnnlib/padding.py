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


def last_steps(
    x: Float[Tensor, "batch time unit"], lengths: Int64[Tensor, " batch"] | None, steps: int
) -> Float[Tensor, "batch steps unit"]:
    """The last `steps` steps of every sequence; zeros before the first step of a shorter one."""
    if lengths is None and x.shape[1] >= steps:
        return x[:, x.shape[1] - steps :]
    end = lengths if lengths is not None else torch.full((len(x),), x.shape[1], device=x.device)
    source = end[:, None] + torch.arange(-steps, 0, device=x.device)
    taken = x.gather(1, source.clamp(min=0)[..., None].expand(-1, -1, x.shape[2]))
    return taken.masked_fill((source < 0)[..., None], 0)


def zeroed(
    x: Float[Tensor, "batch time unit"], lengths: Int64[Tensor, " batch"] | None
) -> Float[Tensor, "batch time unit"]:
    """The same with zeros for padding."""
    return x if lengths is None else x.masked_fill(~valid_steps(lengths, x.shape[1])[..., None], 0)
