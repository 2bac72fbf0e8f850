"""The constant learning rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from rnnlib.training.schedules.base import Schedule, Span


class Constant(Schedule):
    """The same learning rate from the end of the warm-up to the last step.

    s(t) = 1
    """

    kind: Literal["constant"] = "constant"

    def shape(self, span: Span, first: int, losses: Sequence[float]) -> Callable[[int], float]:  # noqa: ARG002 - it rests on nothing
        """1 at every step."""
        return lambda _step: 1.0
