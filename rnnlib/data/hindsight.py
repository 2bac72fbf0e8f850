"""A window's context without what was filled by looking into its horizon."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float32
from torch import Tensor


def without_hindsight(
    inputs: Float32[Tensor, "batch time column"],
    observed: Bool[Tensor, "batch time column"],
    absent: Bool[Tensor, "batch time column"],
    at_most: int | None,
) -> tuple[Float32[Tensor, "batch time column"], Bool[Tensor, "batch time column"]]:
    """Contexts whose last values were not measured, filled as if the context were all there is; and where no value is.

    `interpolate` draws a hole on a line to the next measured value, and `at_most` asks how long the hole will be. Where
    a hole reaches up to the end of a context, both lie in the horizon, which is to be forecast. So the last value
    measured is carried on instead, as it is when a forecast is made for real, over `at_most` rows.
    """
    steps = torch.arange(inputs.shape[1])[None, :, None]
    last = torch.where(observed, steps, -1).amax(dim=1)[:, None]
    behind = steps > last
    too_long = inputs.shape[1] - 1 - last > (inputs.shape[1] if at_most is None else at_most)
    gone = behind & ((last < 0) | too_long)
    level = inputs.gather(1, last.clamp(min=0))
    return torch.where(behind, level, inputs).masked_fill(gone, 0), torch.where(behind, gone, absent)
