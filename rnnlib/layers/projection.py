"""The affine map y = W x + b that dense layers, attention and heads share."""

from __future__ import annotations

from torch import nn


def projection(inputs: int, outputs: int) -> nn.Linear:
    """An affine map with W from U(−a, a), a = √(6 / (inputs + outputs)), and b = 0: Keras' defaults.

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
    """
    module = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(module.weight)
    nn.init.zeros_(module.bias)
    return module
