"""Two examples in one."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Generator

from rnnlib.data.about import About
from rnnlib.data.augmentations.base import Augmentation, Windows
from rnnlib.data.augmentations.partners import partners, shares


class Mixup(Augmentation):
    """Averages each window with another of its batch: x' = λ x + (1 − λ) x̃,  λ ~ Beta(α, α); labels likewise.

    Of two classes the loss is λ loss(y) + (1 − λ) loss(ỹ); a number and a forecaster's horizon are averaged as the
    input is. A partner of another length is first brought to the same one. A gap in either is a gap.
    Source: Zhang et al. 2018, "mixup: beyond empirical risk minimization", arXiv:1710.09412.
    """

    fits: ClassVar[frozenset[str]] = frozenset({"forecaster", "classifier", "regressor"})
    needs_all: ClassVar[bool] = True
    mixes: ClassVar[bool] = True

    kind: Literal["mixup"] = "mixup"
    alpha: float = Field(0.2, gt=0.001, le=1, description="α: near 0 one of the two prevails, at 1 λ is uniform")

    def changed(self, x: Windows, draw: Generator) -> Windows:
        """One partner and one λ per window."""
        other, share = x.others(partners(len(x.values), draw)), shares(len(x.values), self.alpha, draw)
        mixed = x.valued(torch.lerp(other.values, x.values, share[:, None, None]))
        absent, observed, static = x.absent, x.observed, x.static
        if absent is not None and other.absent is not None:
            absent = absent | (other.absent & ~x.having("future"))
        if observed is not None and other.observed is not None:
            observed = observed & other.observed
        if static is not None and other.static is not None:
            static = torch.lerp(other.static, static, share[:, None])
        return replace(mixed, absent=absent, observed=observed, static=static).labelled(other, share)

    def unfit(self, about: About) -> str | None:
        """Words cannot be averaged, static ones neither."""
        words = [name for name in about.static if name in about.words]
        if words:
            return f"`mixup` averages numbers: received static words (`{words[0]}`); take it out, or use `cutmix`"
        return super().unfit(about)
