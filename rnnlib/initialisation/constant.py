"""All the same."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.initialisation.base import Initialisation


class Constant(Initialisation):
    r"""Every value is the same.

    W = value

    Source: `torch.nn.init.constant_`.
    """

    kind: Literal["constant"] = "constant"
    value: float = Field(..., ge=-1e6, le=1e6, description="what every weight starts at")

    def draw(self, matrix: Float[Tensor, "*shape"]) -> None:
        """W = value."""
        nn.init.constant_(matrix, self.value)
