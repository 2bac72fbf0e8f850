"""All zero."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from rnnlib.initialisation.base import Initialisation


class Zeros(Initialisation):
    r"""Every value is 0.

    W = 0

    The usual start of a bias. As the kernel of the last layer of a residual branch it makes the whole block start as
    the identity, x + 0, however deep the stack: gradients reach every block from the first step on.

    Source: residual branches that start at zero, Goyal et al. 2017, arXiv:1706.02677, and Zhang et al. 2019,
    arXiv:1901.09321.
    """

    kind: Literal["zeros"] = "zeros"

    def draw(self, matrix: Float[Tensor, "*shape"]) -> None:
        """W = 0."""
        nn.init.zeros_(matrix)
