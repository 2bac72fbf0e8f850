"""Columns trade places."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.augmentations.base import WHOLE, Augmentation, Windows


class ChannelRotation(Augmentation):
    """Lets the columns of a window trade places: x'[t, c] = x[t, π(c)], one random permutation π per window.

    For columns of one nature (the axes of a sensor); a gap moves with its column. Not for forecasters: their columns
    have roles. Source: Iwana & Uchida 2021, arXiv:2007.15951 ("rotation", its shuffle of axes).
    """

    fits: ClassVar[frozenset[str]] = WHOLE

    kind: Literal["channel_rotation"] = "channel_rotation"
    probability: float = Field(0.5, gt=0, le=1, description="the share of windows that are changed")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One permutation per window, the same at all of its steps."""
        batch, time, columns = x.values.shape
        key = torch.rand(batch, 1, columns, generator=draw)
        free = x.holding(self.works_on) & ~x.having("future")
        order = torch.arange(columns).expand(batch, 1, columns).clone()
        order[..., free] = torch.arange(columns)[free][key[..., free].argsort(-1)]
        order = order.expand(batch, time, columns)
        absent = None if x.absent is None else x.absent.gather(2, order)
        return replace(x, values=x.values.gather(2, order), absent=absent)
