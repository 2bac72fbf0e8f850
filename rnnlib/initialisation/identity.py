"""The identity, for a simple RNN of rectifiers."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.initialisation.base import Initialisation


class Identity(Initialisation):
    r"""The identity matrix, scaled; ones along the diagonal where the matrix is not square.

    W = scale · I

    As the recurrent kernel of a simple RNN with ReLU it makes the cell start as a sum of what it has read: long
    memory without gates. A scale below 1 forgets by that factor at every step.

    Source: Le et al. 2015, arXiv:1504.00941, where it is called IRNN.
    """

    kind: Literal["identity"] = "identity"
    scale: float = Field(1.0, gt=0, le=1e3, description="the values on the diagonal")

    @torch.no_grad()
    def draw(self, matrix: Float[Tensor, "output input"]) -> None:
        """W = scale · I."""
        nn.init.eye_(matrix).mul_(self.scale)
