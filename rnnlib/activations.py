"""Activations: what is applied to what a layer computes, value by value but for softmax."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Activation = Literal[
    "linear",
    "relu",
    "leaky_relu",
    "elu",
    "tanh",
    "sigmoid",
    "softmax",
    "gelu",
    "silu",
    "softplus",
    "hard_sigmoid",
    "hard_tanh",
    "hard_silu",
]

SLOPE = 0.01
"""Of a leaky ReLU below 0, where nothing else is said."""


def linear(x: Tensor) -> Tensor:
    """The value itself."""
    return x


def softmax(x: Tensor) -> Tensor:
    """e^{x_i} / Σ_j e^{x_j}, over the values of a step."""
    return torch.softmax(x, dim=-1)


def hard_sigmoid(x: Tensor) -> Tensor:
    """x / 6 + 1/2, cut to 0 … 1; torch's own has a float32's 1/6 for its slope, in float64 too."""
    return (x / 6 + 0.5).clamp(0, 1)


def hard_silu(x: Tensor) -> Tensor:
    """x · hard_sigmoid(x)."""
    return x * hard_sigmoid(x)


ACTIVATIONS: Mapping[Activation, Callable[[Tensor], Tensor]] = {
    "linear": linear,
    "relu": torch.relu,  # max(x, 0)
    "leaky_relu": F.leaky_relu,  # x, and SLOPE · x below 0
    "elu": F.elu,  # x, and e^x − 1 below 0
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,  # 1 / (1 + e^−x)
    "softmax": softmax,
    "gelu": F.gelu,  # x Φ(x)
    "silu": F.silu,  # x σ(x)
    "softplus": F.softplus,  # log(1 + e^x)
    "hard_sigmoid": hard_sigmoid,
    "hard_tanh": F.hardtanh,  # x, cut to −1 … 1
    "hard_silu": hard_silu,
}

SLOPES: Mapping[Activation, Callable[[Tensor], Tensor]] = {
    "linear": torch.ones_like,
    "relu": lambda y: (y > 0).to(y.dtype),
    "leaky_relu": lambda y: torch.where(y > 0, torch.ones_like(y), SLOPE),
    "elu": lambda y: torch.where(y > 0, 1.0, y + 1),
    "tanh": lambda y: 1 - y * y,
    "sigmoid": lambda y: y * (1 - y),
    "softplus": lambda y: -torch.expm1(-y),
    "hard_sigmoid": lambda y: ((y > 0) & (y < 1)).to(y.dtype) / 6,
    "hard_tanh": lambda y: (y.abs() < 1).to(y.dtype),
}
"""dφ/dx from y = φ(x) alone: hand-written backward passes keep only what comes out.

GELU, SiLU and hard SiLU give some values twice, and softmax mixes values: they are not here.
"""

AT_ZERO: frozenset[Activation] = frozenset(ACTIVATIONS) - {"sigmoid", "softmax", "softplus", "hard_sigmoid"}
"""Those with φ(0) = 0."""
