"""A learning rate that falls when the loss no longer does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from rnnlib.training.schedules.base import Schedule, Span


class Plateau(Schedule):
    """Multiplies the learning rate by γ once the loss L has not fallen for more than `patience` epochs in a row.

    At the end of an epoch: if L < r − δ, then r ← L and w ← 0, else w ← w + 1; when w > `patience`, the rate falls and
    w ← 0. Here r is the reference (∞ at first), δ is `min_change`. L is the validation loss; where there is no
    validation part, the train loss. Source: torch.optim.lr_scheduler.ReduceLROnPlateau, with an absolute threshold.
    """

    kind: Literal["plateau"] = "plateau"
    factor: float = Field(0.1, gt=0, lt=1, description="γ, what the rate is multiplied by")
    patience: int = Field(5, ge=0, le=1_000_000, description="epochs in a row without a better loss that are let pass")
    min_change: float = Field(0.0, ge=0, le=1e9, description="δ, the fall of the loss that counts as better")
    final: float = Field(0.0, ge=0, lt=1, description="the share of the learning rate that it never falls below")

    def shape(self, span: Span, first: int, losses: Sequence[float]) -> Callable[[int], float]:  # noqa: ARG002 - the losses decide
        """γ to the number of falls so far."""
        factor = max(self.final, self.factor ** self.falls(losses))
        return lambda _step: factor

    def falls(self, losses: Sequence[float]) -> int:
        """How often the rate has fallen after epochs with these losses."""
        reference, wait, falls = math.inf, 0, 0
        for loss in losses:
            reference, wait = (loss, 0) if loss < reference - self.min_change else (reference, wait + 1)
            if wait > self.patience:
                falls, wait = falls + 1, 0
        return falls
