"""What every schedule has: a warm-up, and one verb, `factors`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pydantic import Field

from rnnlib.part import Part
from rnnlib.training.stretch import AnyStretch


class Span(NamedTuple):
    """How long a training is at most: its epochs, and the optimizer steps of each."""

    epochs: int
    per_epoch: int

    @property
    def steps(self) -> int:
        """All optimizer steps."""
        return self.epochs * self.per_epoch


class Schedule(Part):
    """How the learning rate changes: at step t it is η · factor(t), with η the optimizer's `learning_rate`.

    Steps count from 0. The first W steps warm up: factor(t) = (t + 1) / W · s(0); then factor(t) = s(t − W), with s the
    schedule's own shape over the steps that are left. A factor depends on the step, the span and the losses of the
    epochs before alone, so that a training that was stopped goes on with the rates that it would have had.
    Source of the warm-up: Goyal et al. 2017, arXiv:1706.02677, section 2.2.
    """

    warmup: AnyStretch | None = Field(None, description="how long the rate rises linearly before the schedule begins")

    @abstractmethod
    def shape(self, span: Span, first: int, losses: Sequence[float]) -> Callable[[int], float]:
        """s: the factor at a step counted from the end of the warm-up, which took `first` steps.

        `losses` are those that decide on the best epoch, of every epoch that is done.
        """

    def factors(self, span: Span, losses: Sequence[float]) -> Callable[[int], float]:
        """factor(t) for every step t of the epoch that follows those of `losses`."""
        first = self.warmup.in_steps(span.per_epoch) if self.warmup is not None else 0
        shape = self.shape(span, first, losses)
        return lambda step: shape(step - first) if step >= first else (step + 1) / first * shape(0)
