"""A learning rate that falls by the same share every epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from rnnlib.training.schedules.base import Schedule, Span
from rnnlib.training.stretch import AnyStretch, Stretch


class Exponential(Schedule):
    """Holds the learning rate for a while, then multiplies it by γ at the end of that and of every epoch.

    s(t) = 1 for t < h,  else γ^(1 + ⌊(t − h) / n⌋),  n the steps of an epoch, h the stretch `hold`

    Source: torch.optim.lr_scheduler.ExponentialLR, which holds for one epoch; held for longer: Zeng et al. 2022,
    arXiv:2205.13504, and Lin et al. 2023, arXiv:2308.11200 (SegRNN).
    """

    kind: Literal["exponential"] = "exponential"
    factor: float = Field(0.95, gt=0, lt=1, description="γ, what the rate is multiplied by after every epoch")
    hold: AnyStretch = Field(Stretch(epochs=1), description="h, how long the rate stays before it falls")

    def shape(self, span: Span, first: int, losses: Sequence[float]) -> Callable[[int], float]:  # noqa: ARG002 - the step decides
        """γ to the number of falls so far."""
        hold = self.hold.in_steps(span.per_epoch)
        return lambda step: self.factor ** max(0, 1 + (step - hold) // span.per_epoch)
