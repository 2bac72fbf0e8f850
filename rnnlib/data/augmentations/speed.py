"""Faster and slower."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import MEASURED, WHOLE, Augmentation, Windows


class Speed(Augmentation):
    """Plays a sequence faster or slower, so that it becomes shorter or longer: x'[t] = x(f t),  f ~ U(1 − r, 1 + r).

    n steps become ⌊(n − 1) / f⌋ + 1; of recordings the pitch changes too. Between samples by linear interpolation,
    where the source resamples with a filter. Source: Ko et al. 2015, "Audio augmentation for speech recognition".
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = MEASURED

    kind: Literal["speed"] = "speed"
    change: float = Field(0.1, gt=0, le=0.9, description="r, the most that the speed changes, as a share of it")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One speed per sequence."""
        factor = 1 + self.change * (2 * torch.rand(len(x.values), 1, generator=draw, dtype=torch.float64) - 1)
        lengths = (x.last / factor).floor().long()[:, 0] + 1
        time = max(int(lengths.max()), x.values.shape[1])
        return replace(x.at(torch.arange(time) * factor), context=time, lengths=lengths)
