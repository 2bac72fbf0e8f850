"""A normal distribution without its tails."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.initialisation.base import Initialisation


class TruncatedNormal(Initialisation):
    r"""Independent draws from one normal distribution, those beyond `within` standard deviations left out.

    W ~ N(mean, standard_deviation²) given that |W − mean| ≤ within · standard_deviation

    Source: `torch.nn.init.trunc_normal_`; the defaults are those of Keras' `TruncatedNormal`.
    """

    kind: Literal["truncated_normal"] = "truncated_normal"
    mean: float = Field(0.0, ge=-1e6, le=1e6, description="middle of the distribution")
    standard_deviation: float = Field(
        0.05, gt=0, le=1e6, description="width of the distribution before its tails are cut"
    )
    within: float = Field(2.0, gt=0, le=10, description="where the tails are cut, in standard deviations")

    def draw(self, matrix: Float[Tensor, "*shape"]) -> None:
        """W ~ N(mean, standard_deviation²) without its tails."""
        reach = self.within * self.standard_deviation
        nn.init.trunc_normal_(matrix, self.mean, self.standard_deviation, self.mean - reach, self.mean + reach)
