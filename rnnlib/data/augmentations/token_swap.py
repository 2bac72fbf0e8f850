"""Words trade places."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import WHOLE, Augmentation, Windows


class TokenSwap(Augmentation):
    """Lets two random steps of a sequence trade places, so many times: x'[i], x'[j] = x[j], x[i]; tags go along.

    Source: Wei & Zou 2019, "EDA", arXiv:1901.11196.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = frozenset({"tokens"})

    kind: Literal["token_swap"] = "token_swap"
    swaps: int = Field(1, ge=1, le=1024, description="pairs that trade places, one after the other")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """The two are never the same step, unless there is only one."""
        batch, time, _ = x.values.shape
        order, size = torch.arange(time).repeat(batch, 1), x.sizes[:, None]
        for _ in range(self.swaps):
            one, other = torch.rand(2, batch, 1, generator=draw, dtype=torch.float64)
            first = (one * size).long()
            second = (first + 1 + (other * (size - 1)).long()) % size.clamp(min=1)
            there, here = order.gather(1, second), order.gather(1, first)
            order = order.scatter(1, first, there).scatter(1, second, here)
        return x.taken(order)
