"""A learning rate that falls in steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from rnnlib.training.schedules.base import Schedule, Span
from rnnlib.training.stretch import AnyStretch, Stretch


class Step(Schedule):
    """Multiplies the learning rate by γ again and again.

    s(t) = γ^⌊t / n⌋,  n the stretch `every`

    Source: He et al. 2016, arXiv:1512.03385, section 3.4; torch.optim.lr_scheduler.StepLR.
    """

    kind: Literal["step"] = "step"
    every: AnyStretch = Field(Stretch(epochs=10), description="n, how long the rate stays before it falls")
    factor: float = Field(0.1, gt=0, lt=1, description="γ, what the rate is multiplied by")

    def shape(self, span: Span, first: int, losses: Sequence[float]) -> Callable[[int], float]:  # noqa: ARG002 - the step decides
        """γ^⌊t / n⌋."""
        every = self.every.in_steps(span.per_epoch)
        return lambda step: self.factor ** (step // every)
