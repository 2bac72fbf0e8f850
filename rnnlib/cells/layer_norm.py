"""Layer normalisation inside a cell."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class Normalised(nn.Module):
    r"""The values of each step brought to mean 0 and variance 1 over the units, and scaled.

    LN(a) = α ⊙ (a − mean a) / √(var a + 1e-5);  α starts at 1. The shift is the cell's own bias.

    Source: Ba et al. 2016, arXiv:1607.06450.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, a: Float[Tensor, "*steps row"]) -> Float[Tensor, "*steps row"]:
        """LN(a)."""
        return F.layer_norm(a, self.gain.shape, self.gain)


def normalised(width: int, asked_for: bool) -> nn.Module:
    """Layer normalisation, or nothing where it is not asked for."""
    return Normalised(width) if asked_for else nn.Identity()
