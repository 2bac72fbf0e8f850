"""One cycle: the learning rate rises, then falls to almost nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from rnnlib.training.schedules.base import Schedule, Span


class OneCycle(Schedule):
    """Rises from a part of the learning rate to all of it, then falls far below where it began.

    up, t ≤ t₁:    s(t) = a + (1 − a) c(t / t₁)
    down, t > t₁:  s(t) = z + (1 − z) c(1 − (t − t₁) / (T − 1 − t₁))

    c(p) = (1 − cos π p) / 2 or, `linear`, p;  t₁ = `rise` · T − 1;  a = 1 / `start`;  z = a / `end`
    Source: Smith and Topin 2018, arXiv:1708.07120; torch.optim.lr_scheduler.OneCycleLR, without a cycle of momentum.
    """

    kind: Literal["one_cycle"] = "one_cycle"
    rise: float = Field(0.3, gt=0, lt=1, description="the share of the steps over which the rate rises")
    start: float = Field(25.0, ge=1, le=1e6, description="how many times smaller than its peak the rate begins")
    end: float = Field(1e4, ge=1, le=1e12, description="how many times smaller than it began the rate ends")
    curve: Literal["cosine", "linear"] = Field("cosine", description="the form of rise and fall")

    def shape(self, span: Span, first: int, losses: Sequence[float]) -> Callable[[int], float]:  # noqa: ARG002 - the step decides
        """The rise and the fall."""
        last = max(1, span.steps - first - 1)
        peak = max(0.0, self.rise * (last + 1) - 1)
        low, final = 1 / self.start, 1 / self.start / self.end
        curve = _CURVES[self.curve]

        def factor(step: int) -> float:
            if step <= peak:
                return low + (1 - low) * curve(step / peak if peak else 1.0)
            return final + (1 - final) * curve(max(0.0, 1 - (step - peak) / (last - peak)))

        return factor


def _cosine(share: float) -> float:
    return (1 - math.cos(math.pi * share)) / 2


def _linear(share: float) -> float:
    return share


_CURVES = {"cosine": _cosine, "linear": _linear}
