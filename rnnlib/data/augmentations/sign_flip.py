"""Upside down."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.base import Augmentation, Windows


class SignFlip(Augmentation):
    """Turns windows upside down: x' = −x over context and horizon; or each column by the toss of a fair coin.

    For data whose sign has no meaning of its own (a sensor mounted the other way round). Source: Iwana & Uchida 2021,
    arXiv:2007.15951 ("rotation").
    """

    kind: Literal["sign_flip"] = "sign_flip"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")
    per: Literal["window", "column"] = Field("window", description="flip all columns together, or each by a coin")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """The sign of all columns, or of about half of them."""
        if self.per == "window":
            return x.valued(-x.values, x.holding(self.works_on))
        batch, _, columns = x.values.shape
        heads = torch.rand(batch, 1, columns, generator=draw) < 0.5
        return x.valued(torch.where(heads, -x.values, x.values), x.holding(self.works_on))
