"""Words that are not seen."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import OF_TEXTS, Augmentation, Windows


class TokenDropout(Augmentation):
    """Makes random tokens unknown: x'[t] = 0 (`<unknown>`) with a probability of `rate`, else x[t].

    So a model learns to read on where a word is new to it. Source: Bowman et al. 2016, arXiv:1511.06349 ("word
    dropout"); Iyyer et al. 2015, "Deep unordered composition rivals syntactic methods for text classification".
    """

    fits: ClassVar[frozenset[str]] = OF_TEXTS | {"forecaster"}
    works_on: ClassVar[frozenset[Holds]] = frozenset({"tokens"})

    kind: Literal["token_dropout"] = "token_dropout"
    rate: float = Field(0.1, gt=0, lt=1, description="the probability that a token is made unknown")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """Every token by itself, over the context."""
        kept = torch.rand(x.values.shape, generator=draw) >= self.rate
        kept[:, x.context :] = True
        return x.valued(x.values * kept, x.holding(self.works_on))
