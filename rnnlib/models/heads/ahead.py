"""What a forecast is made for, and what it may rest on."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.layer import Lengths
from rnnlib.models.heads.summary import summary
from rnnlib.models.shape import Shape


class Ahead(NamedTuple):
    """The steps and the columns of a forecast."""

    horizon: int
    targets: int


def ahead(shape: Shape) -> Ahead:
    """The steps and columns to forecast; raises `ModelError` where the data has none."""
    if shape.horizon is None or shape.targets is None:
        received = f"received horizon {shape.horizon} and targets {shape.targets}"
        rule = "a forecast has a horizon and target columns"
        raise ModelError(f"{rule}: {received}; name `target` columns in `load` and add a `window` step")
    return Ahead(shape.horizon, shape.targets)


def known_ahead(
    states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
) -> Float[Tensor, "batch value"]:
    """The last state, the static values, and the future columns of every step, side by side."""
    known = summary(states, lengths, batch)
    return known if batch.future is None else torch.cat([known, batch.future.flatten(1)], dim=1)
