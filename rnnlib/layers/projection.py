"""The affine map y = W x + b that dense layers, attention and heads share."""

from __future__ import annotations

import torch
from torch import nn

from rnnlib.initialisation import Initialisation, Xavier

XAVIER = Xavier()


def projection(inputs: int, outputs: int, initialisation: Initialisation = XAVIER) -> nn.Linear:
    """An affine map with b = 0, and W from U(−a, a), a = √(6 / (inputs + outputs)), where nothing else is said.

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
    """
    module = nn.Linear(inputs, outputs)
    with torch.no_grad():
        initialisation.draw(module.weight)
    nn.init.zeros_(module.bias)
    return module
