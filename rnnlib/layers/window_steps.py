"""Layers whose weights stand for the steps of a window: it must be known how long windows are."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from rnnlib.errors import ModelError
from rnnlib.layer import Flow, Lengths
from rnnlib.padding import zeroed


def window_steps(before: Flow, layer: str) -> int:
    """The steps of a window; raises `ModelError` where sequences differ in length."""
    if before.steps is None:
        rule = f"`{layer}` has weights for every step of a window"
        raise ModelError(f"{rule}, and these sequences differ in length: use it in a forecaster, or `attention`")
    return before.steps


def as_window(x: Float[Tensor, "batch time width"], lengths: Lengths, steps: int) -> Float[Tensor, "batch steps width"]:
    """The sequences with zeros at their padding and behind them, `steps` steps long."""
    return F.pad(x if lengths is None else zeroed(x, lengths), (0, 0, 0, steps - x.shape[1]))
