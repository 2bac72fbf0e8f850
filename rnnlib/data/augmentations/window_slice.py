"""A stretch of the sequence, stretched back."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Float32
from pydantic import Field
from torch import Generator, Tensor

from rnnlib.data.augmentations.base import Augmentation, Windows


class WindowSlice(Augmentation):
    """Keeps a random stretch of each sequence and stretches it back to the full length by linear interpolation.

    With n valid steps, w = max(1, share · (n − 1)) and a start s ~ U(0, n − 1 − w):
    x'[t] = x(s + t · w / (n − 1)), between steps by linear interpolation. Not for forecasters: the horizon's place
    in time would move. Source: Le Guennec et al. 2016, "Data augmentation for time series classification using
    convolutional neural networks"; stretched back as in Iwana & Uchida 2021, arXiv:2007.15951.
    """

    fits: ClassVar[frozenset[str]] = frozenset({"classifier", "regressor"})

    kind: Literal["window_slice"] = "window_slice"
    share: float = Field(0.9, ge=0.05, lt=1, description="the share of a sequence's steps that is kept")

    def changed(self, x: Windows, draw: Generator) -> Float32[Tensor, "batch time feature"]:
        """A slice per sequence; sequences of one or two steps stay as they are."""
        batch, time, columns = x.values.shape
        lengths = torch.full((batch,), time) if x.lengths is None else x.lengths
        last = (lengths - 1).double()[:, None]
        width = torch.minimum((self.share * last).clamp(min=1), last)
        first = torch.rand(batch, 1, generator=draw, dtype=torch.float64) * (last - width)
        place = first + torch.arange(time) * (width / last.clamp(min=1))
        below = torch.minimum(place.floor(), last).long()
        above = torch.minimum(below + 1, last.long())
        weight = (place - below).clamp(0, 1)[..., None].to(x.values.dtype)
        low, high = (x.values.gather(1, at[..., None].expand(batch, time, columns)) for at in (below, above))
        return torch.lerp(low, high, weight)
