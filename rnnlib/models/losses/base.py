"""What every loss can do."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Int64, Shaped
from torch import Tensor

from rnnlib.part import Part


class Loss(Part):
    """A part that says how far a model's output is from the truth."""

    takes: ClassVar[str]
    """What it compares: a loss fits the heads that give it."""
    from_head: ClassVar[tuple[str, ...]] = ()
    """Fields that are the head's own: left out, they are taken from it; another value is refused."""

    kind: str

    @abstractmethod
    def sums(
        self,
        output: Float[Tensor, "*values"],
        truth: Shaped[Tensor, "batch ..."],
        observed: Bool[Tensor, "batch ..."] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over all observed values, and their number; all are observed where `observed` is none."""


def over_observed(
    losses: Float[Tensor, "*values"], observed: Bool[Tensor, "*values"] | None
) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
    """The sum of the losses of observed values, and their number."""
    if observed is None:
        return losses.sum(), torch.tensor(losses.numel(), device=losses.device)
    return torch.where(observed, losses, 0.0).sum(), observed.sum()
