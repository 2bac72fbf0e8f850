"""The slanted triangle: a short linear rise, a long linear fall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from rnnlib.training.schedules.base import Schedule, Span


class SlantedTriangular(Schedule):
    """Rises fast, so that the weights quickly reach a good region, and falls slowly, to settle in it.

    cut = ⌊T · `rise`⌋,  p = t / cut for t < cut, else 1 − (t − cut) / (cut · (1 / `rise` − 1)),
    s(t) = (1 + p · (ratio − 1)) / ratio

    Source: Howard and Ruder 2018, arXiv:1801.06146 (ULMFiT), equation 3.
    """

    kind: Literal["slanted_triangular"] = "slanted_triangular"
    rise: float = Field(0.1, gt=0, lt=1, description="the share of the steps over which the rate rises")
    ratio: float = Field(32.0, gt=1, le=1e6, description="how many times smaller than its peak it begins and ends")

    def shape(self, span: Span, first: int, losses: Sequence[float]) -> Callable[[int], float]:  # noqa: ARG002 - the step decides
        """The rise and the fall."""
        cut = max(1, int(max(1, span.steps - first) * self.rise))
        fall = cut * (1 / self.rise - 1)

        def factor(step: int) -> float:
            height = step / cut if step < cut else max(0.0, 1 - (step - cut) / fall)
            return (1 + height * (self.ratio - 1)) / self.ratio

        return factor
