"""Gaps: where there is no value, of a forecaster's horizon none that was measured."""

from __future__ import annotations

from dataclasses import replace

import torch
from jaxtyping import Bool
from torch import Tensor

from rnnlib.data.augmentations.windows import Windows


def gaps(x: Windows) -> Bool[Tensor, "batch time feature"] | None:
    """Where there is no value over context and horizon; none where all are there. Targets are the first columns."""
    if x.absent is None and x.observed is None:
        return None
    gone = torch.zeros_like(x.values, dtype=torch.bool) if x.absent is None else x.absent.clone()
    if x.observed is not None:
        gone[:, x.context :, : x.observed.shape[2]] |= ~x.observed
    return gone


def with_gaps(x: Windows, gone: Bool[Tensor, "batch time feature"]) -> Windows:
    """The windows with gaps elsewhere; what the future is known to bring keeps its own."""
    absent, observed, free = x.absent, x.observed, ~x.having("future")
    if absent is not None:
        moved = torch.where(free, gone, absent)
        moved[:, x.context :] = False
        absent = moved
    if observed is not None:
        observed = ~gone[:, x.context :, : observed.shape[2]]
    return replace(x, absent=absent, observed=observed)
