"""Fewer frequencies."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator, Tensor

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import Augmentation, Windows
from rnnlib.data.augmentations.spans import Course, over_spans


class FrequencyMask(Augmentation):
    """Takes random frequencies out of context and horizon together: x' = irfft(m ⊙ rfft(x)).

    m_f ~ Bernoulli(1 − rate). The mean (f = 0) stays. What is in the future changes with the past that it follows from:
    so the pair stays one. Past columns change over the context alone. Source: Chen et al. 2023, "FrAug",
    arXiv:2302.09292.
    """

    fits: ClassVar[frozenset[str]] = frozenset({"forecaster"})
    works_on: ClassVar[frozenset[Holds]] = frozenset({"numbers"})

    kind: Literal["frequency_mask"] = "frequency_mask"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")
    rate: float = Field(0.1, gt=0, lt=1, description="the probability that a frequency is taken out")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """Frequencies are drawn for each window and column."""

        def masked(course: Course) -> Course:
            spectrum = torch.fft.rfft(course, dim=1)
            kept = torch.rand(spectrum.shape, generator=draw) >= self.rate
            kept[:, 0] = True
            made: Tensor = torch.fft.irfft(spectrum * kept, n=course.shape[1], dim=1)
            return made

        return over_spans(x, masked)
