"""Sums over the steps of an epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Tally:
    """What one player's steps of this epoch add up to."""

    loss: float = 0.0
    count: int = 0
    """How many values `loss` is a sum of."""
    norm: float = 0.0
    """Of the gradients, before clipping."""
    steps: int = 0

    def saw(self, loss: float, count: int) -> None:
        """Counts the batches of one more step."""
        self.loss += loss
        self.count += count

    def moved(self, norm: float) -> None:
        """Counts a step along a gradient of this length."""
        self.norm += norm
        self.steps += 1

    def record(self) -> dict[str, float]:
        """The mean loss of a value, NaN where none was seen; the mean norm of a step, 0 where none was taken."""
        loss = self.loss / self.count if self.count else math.nan
        return {"train_loss": loss, "gradient_norm": self.norm / max(1, self.steps)}

    def clear(self) -> None:
        """Begins the next epoch."""
        self.loss, self.count, self.norm, self.steps = 0.0, 0, 0.0, 0
