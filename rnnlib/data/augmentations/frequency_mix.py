"""Some frequencies of another window."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator, Tensor

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import Augmentation, Windows
from rnnlib.data.augmentations.partners import partners
from rnnlib.data.augmentations.spans import Course, over_spans


class FrequencyMix(Augmentation):
    """Takes random frequencies from another window of the batch: x' = irfft(m ⊙ rfft(x) + (1 − m) ⊙ rfft(x̃)).

    m_f ~ Bernoulli(1 − rate), context and horizon together; past columns over the context alone. A target that was not
    measured in either window is none. Source: Chen et al. 2023, "FrAug", arXiv:2302.09292.
    """

    fits: ClassVar[frozenset[str]] = frozenset({"forecaster"})
    works_on: ClassVar[frozenset[Holds]] = frozenset({"numbers"})

    kind: Literal["frequency_mix"] = "frequency_mix"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")
    rate: float = Field(0.1, gt=0, lt=1, description="the probability that a frequency is the other's")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One partner per window; frequencies are drawn for each column."""
        other = partners(len(x.values), draw)

        def mixed(course: Course) -> Course:
            spectrum = torch.fft.rfft(course, dim=1)
            kept = torch.rand(spectrum.shape, generator=draw) >= self.rate
            made: Tensor = torch.fft.irfft(torch.where(kept, spectrum, spectrum[other]), n=course.shape[1], dim=1)
            return made

        observed = None if x.observed is None else x.observed & x.observed[other]
        absent = None if x.absent is None else x.absent | (x.absent[other] & ~x.having("future"))
        return replace(over_spans(x, mixed), observed=observed, absent=absent)
