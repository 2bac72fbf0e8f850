"""A stretch of another example."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator, Tensor

from rnnlib.data.about import Holds
from rnnlib.data.augmentations.base import ANYTHING, WHOLE, Augmentation, Windows
from rnnlib.data.augmentations.partners import partners, shares


class CutMix(Augmentation):
    """Replaces a stretch of each sequence by that of another of its batch: w = round((1 − λ) n) of n steps.

    λ ~ Beta(α, α); the label counts as much as is left of the sequence, 1 − w / n, the other's the rest; tags and gaps
    come with their steps. A partner of another length is first brought to the same one.
    Source: Yun et al. 2019, arXiv:1905.04899, there over areas of pictures.
    """

    fits: ClassVar[frozenset[str]] = WHOLE
    works_on: ClassVar[frozenset[Holds]] = ANYTHING
    mixes: ClassVar[bool] = True

    kind: Literal["cutmix"] = "cutmix"
    alpha: float = Field(1.0, gt=0.001, le=1, description="α: near 0 one of the two prevails, at 1 λ is uniform")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One partner and one stretch per sequence."""
        other, share = x.others(partners(len(x.values), draw)), shares(len(x.values), self.alpha, draw)
        width = ((1 - share) * x.sizes).round().long()
        first = (torch.rand(len(width), generator=draw, dtype=torch.float64) * (x.sizes - width + 1)).long()
        step = torch.arange(x.values.shape[1])
        inside = (step >= first[:, None]) & (step < (first + width)[:, None])
        pasted = replace(
            x,
            values=torch.where(inside[..., None], other.values, x.values),
            absent=_pasted(inside, x.absent, other.absent),
            tags=_pasted(inside, x.tags, other.tags),
            tags_observed=_pasted(inside, x.tags_observed, other.tags_observed),
        )
        return pasted.labelled(other, 1 - width / x.sizes)


def _pasted(inside: Tensor, own: Tensor | None, other: Tensor | None) -> Tensor | None:
    if own is None or other is None:
        return own
    return torch.where(inside.view(*inside.shape, *[1] * (own.dim() - 2)), other, own)
