"""What an augmentation is."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import About, Holds
from rnnlib.data.augmentations.windows import Windows
from rnnlib.part import Part

__all__ = ["ANYTHING", "MEASURED", "OF_TEXTS", "WHOLE", "Augmentation", "Windows"]

WHOLE = frozenset({"classifier", "regressor", "tagger"})
"""Models of whole sequences: in a forecast the horizon has its place in time, and each column its role."""

MEASURED: frozenset[Holds] = frozenset({"numbers", "samples", "pixels"})
"""What can be computed with; a token is a name."""

OF_TEXTS = frozenset({"language_model", *WHOLE})
"""Models that read tokens; a language model is asked for the token that follows, whatever it was shown."""

ANYTHING: frozenset[Holds] = frozenset({*MEASURED, "tokens"})


class Augmentation(Part):
    """Changes windows of the train part at random, each window with `probability`."""

    fits: ClassVar[frozenset[str]] = frozenset({"forecaster", *WHOLE})
    """The kinds of model that it may be used for."""
    works_on: ClassVar[frozenset[Holds]] = MEASURED
    """What the columns hold that it may change."""
    needs_all: ClassVar[bool] = False
    """Whether every column must be of those."""
    mixes: ClassVar[bool] = False
    """Whether it mixes labels: one of a policy may."""
    pairs: ClassVar[bool] = False
    """Whether it looks for others of the same class, so that none may be mixed before."""

    kind: str
    probability: float = Field(1.0, gt=0, le=1, description="the share of windows that are changed")

    @abstractmethod
    def changed(self, x: Windows, draw: Generator) -> Windows:
        """Every window changed; random numbers come from `draw` alone."""

    def unfit(self, about: About) -> str | None:
        """Why it cannot be done on this data; none where it can."""
        holds = sorted({column.holds for column in about.columns})
        fitting = self.works_on & set(holds)
        if fitting and not (self.needs_all and set(holds) - self.works_on):
            return None
        rule = f"`{self.kind}` is for columns that hold {' or '.join(sorted(self.works_on))}"
        remedy = "take it out"
        if self.works_on == {"samples"} and about.rate is not None and "numbers" in holds:
            remedy = "samples were made spectra before training: take it out, or use `time_mask` and `band_mask`"
        return f"{rule}{', all of them' if self.needs_all else ''}: received {', '.join(holds)}; {remedy}"

    def __call__(self, x: Windows, draw: Generator) -> Windows:
        """The windows, some of them changed; padding stays 0, and `x` stays as it is."""
        chosen = torch.rand(len(x.values), generator=draw) < self.probability
        return x.where(chosen, self.changed(x, draw))
