"""A learning rate that falls along half a cosine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from rnnlib.training.schedules.base import Schedule, Span


class Cosine(Schedule):
    """Falls from the learning rate to a small share of it along half a cosine, step by step.

    s(t) = φ + (1 − φ) (1 + cos(π t / T)) / 2,  T the steps that are left after the warm-up

    Source: Loshchilov and Hutter 2017, arXiv:1608.03983, equation 5, without restarts.
    """

    kind: Literal["cosine"] = "cosine"
    final: float = Field(0.0, ge=0, lt=1, description="φ, the share of the learning rate that the end comes down to")

    def shape(self, span: Span, first: int, losses: Sequence[float]) -> Callable[[int], float]:  # noqa: ARG002 - the step decides
        """φ + (1 − φ) (1 + cos(π t / T)) / 2."""
        total = max(1, span.steps - first)
        return lambda step: self.final + (1 - self.final) * (1 + math.cos(math.pi * min(step, total) / total)) / 2
