"""Random orthogonal matrices."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.initialisation.base import Initialisation


class Orthogonal(Initialisation):
    r"""A random matrix whose rows (or columns, where there are fewer) are orthogonal and of one length.

    Wᵀ W = gain² · I, uniformly among all such matrices

    Every singular value is the gain: with a gain of 1 a product repeated over time neither shrinks nor grows by itself.

    Source: Saxe et al. 2013, arXiv:1312.6120.
    """

    kind: Literal["orthogonal"] = "orthogonal"
    gain: float = Field(1.0, gt=0, le=1e3, description="every singular value")

    def draw(self, matrix: Float[Tensor, "output input *rest"]) -> None:
        """Wᵀ W = gain² · I."""
        nn.init.orthogonal_(matrix, self.gain)
