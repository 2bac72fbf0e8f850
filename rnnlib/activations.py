"""Activations: what is applied to every value for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Activation = Literal["linear", "relu", "tanh", "sigmoid", "gelu", "silu"]


def linear(x: Tensor) -> Tensor:
    """The value itself."""
    return x


ACTIVATIONS: Mapping[Activation, Callable[[Tensor], Tensor]] = {
    "linear": linear,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": F.gelu,
    "silu": F.silu,
}
