"""What an augmentation is, and what it works on."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from jaxtyping import Bool, Float32, Int64
from pydantic import Field
from torch import Generator, Tensor

from rnnlib.part import Part


@dataclass(frozen=True, eq=False)
class Windows:
    """A batch of stretches of time, in model units.

    The first `context` steps are input; a forecaster's horizon follows them, so that what moves the input moves the
    truth too. Beyond `lengths` (whole sequences) all is padding and stays 0.
    """

    values: Float32[Tensor, "batch time feature"]
    context: int
    lengths: Int64[Tensor, " batch"] | None = None

    @property
    def valid(self) -> Bool[Tensor, "batch time"]:
        """Which steps are no padding."""
        batch, time, _ = self.values.shape
        if self.lengths is None:
            return torch.ones(batch, time, dtype=torch.bool)
        return torch.arange(time) < self.lengths[:, None]


class Augmentation(Part):
    """Changes windows of the train part at random, each window with `probability`."""

    fits: ClassVar[frozenset[str]] = frozenset({"forecaster", "classifier", "regressor", "tagger"})
    """The kinds of model that it may be used for."""

    probability: float = Field(1.0, gt=0, le=1, description="the share of windows that are changed")

    @abstractmethod
    def changed(self, x: Windows, draw: Generator) -> Float32[Tensor, "batch time feature"]:
        """Every window changed; random numbers come from `draw` alone."""

    def __call__(self, x: Windows, draw: Generator) -> Windows:
        """The windows, some of them changed; padding stays 0, and `x` stays as it is."""
        chosen = torch.rand(len(x.values), generator=draw) < self.probability
        values = torch.where(chosen[:, None, None], self.changed(x, draw), x.values)
        return replace(x, values=values.masked_fill(~x.valid[..., None], 0))
