"""A normal distribution of a given width."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.initialisation.base import Initialisation


class Normal(Initialisation):
    r"""Independent draws from one normal distribution, whatever the matrix's shape.

    W ~ N(mean, standard_deviation²)

    Source: `torch.nn.init.normal_`; the default width is that of Keras' `RandomNormal`.
    """

    kind: Literal["normal"] = "normal"
    mean: float = Field(0.0, ge=-1e6, le=1e6, description="middle of the distribution")
    standard_deviation: float = Field(0.05, gt=0, le=1e6, description="width of the distribution")

    def draw(self, matrix: Float[Tensor, "*shape"]) -> None:
        """W ~ N(mean, standard_deviation²)."""
        nn.init.normal_(matrix, self.mean, self.standard_deviation)
