"""Another course of the same trend and season."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import torch
from jaxtyping import Int64
from pydantic import Field
from torch import Generator, Tensor
from torch.nn.functional import avg_pool1d

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import Augmentation, Windows
from rnnlib.data.augmentations.gaps import gaps, with_gaps
from rnnlib.data.augmentations.spans import Course, over_spans


class MovingBlockBootstrap(Augmentation):
    """Takes context and horizon apart, and puts blocks of the remainder together anew.

    x = T + S + R:  T the mean over ± trend/2 steps around each (fewer at the ends), S the mean of x − T over the steps
    that are `season` apart (0 where there is none);  x' = T + S + R*, where R* is made of blocks of R of length
    `block` that begin anywhere, the same steps for all columns; past columns change over the context alone, by steps of
    their own. Where there is no value, or a remainder would come from where there is none, there is none. Simpler than
    its source: a moving average in place of STL, and no Box–Cox transform.
    Source: Bergmeir, Hyndman and Benítez 2016, doi:10.1016/j.ijforecast.2015.07.002; Künsch 1989.
    """

    fits: ClassVar[frozenset[str]] = frozenset({"forecaster"})
    works_on: ClassVar[frozenset[Holds]] = frozenset({"numbers"})

    kind: Literal["moving_block_bootstrap"] = "moving_block_bootstrap"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")
    block: int = Field(8, ge=1, le=100_000, description="steps of a block")
    trend: int = Field(13, ge=3, le=100_000, description="steps that the trend is the mean of")
    season: int | None = Field(None, ge=2, le=100_000, description="steps of a season; left out: there is none")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One way to put blocks together per window."""

        taken: list[Int64[Tensor, "batch time"]] = []

        def again(course: Course) -> Course:
            trend = self._trend(course)
            season = self._season(course - trend)
            taken.append(self._steps(len(course), course.shape[1], draw))
            return trend + season + _from(course - trend - season, taken[-1])

        made, order = over_spans(x, again), iter(taken)
        gone = gaps(x)
        if gone is None:
            return made
        there = over_spans(replace(x, values=gone.float()), lambda course: _from(course, next(order)))
        return with_gaps(made, gone | (there.values > 0))

    def _trend(self, course: Course) -> Course:
        half = min(self.trend // 2, course.shape[1] - 1)
        mean = avg_pool1d(course.transpose(1, 2), 2 * half + 1, 1, half, count_include_pad=False)
        return mean.transpose(1, 2)

    def _season(self, rest: Course) -> Course:
        if self.season is None:
            return torch.zeros_like(rest)
        phase = torch.arange(rest.shape[1]) % self.season
        sums = rest.new_zeros(rest.shape[0], self.season, rest.shape[2]).index_add_(1, phase, rest)
        return (sums / phase.bincount(minlength=self.season).clamp(min=1)[:, None])[:, phase]

    def _steps(self, batch: int, time: int, draw: Generator) -> Int64[Tensor, "batch time"]:
        size = min(self.block, time)
        first = torch.randint(0, time - size + 1, (batch, -(-time // size)), generator=draw)
        return (first[..., None] + torch.arange(size)).flatten(1)[:, :time]


def _from(course: Course, steps: Int64[Tensor, "batch time"]) -> Course:
    return course.gather(1, steps[..., None].expand(course.shape))
