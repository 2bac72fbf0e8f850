"""Losses of classes that may weigh differently."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

import torch
from jaxtyping import Bool, Float, Int64
from pydantic import Field, PrivateAttr
from torch import Tensor

from rnnlib.errors import ModelError
from rnnlib.models.losses.base import Loss, over_observed

Weight = Annotated[float, Field(gt=0, le=1e6)]


class ClassLoss(Loss):
    """A loss of logits. Each sequence counts as much as its true class weighs: L = 1/n Σ w_y loss.

    n is the number of sequences, not the sum of their weights: a batch of a rare class pulls as hard as it should.
    Source of `balanced`: King and Zeng 2001, "Logistic regression in rare events data".
    """

    takes: ClassVar[str] = "logits"
    class_weights: Literal["balanced"] | Mapping[str, Weight] | None = Field(
        None,
        description="w of each class by its name, 1 where it is not named; `balanced`: n / (k n_c), k classes of "
        "which the train part holds n_c in n; left out: all 1",
    )
    _weights: tuple[float, ...] | None = PrivateAttr(None)

    @abstractmethod
    def each(self, output: Float[Tensor, "*batch class_"], truth: Int64[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
        """The loss of each, times the weight of its true class."""

    def sums(
        self,
        output: Float[Tensor, "*batch class_"],
        truth: Int64[Tensor, "*batch"],
        observed: Bool[Tensor, "*batch"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The summed loss and n."""
        return over_observed(self.each(output, truth), observed)

    def mixed(
        self,
        output: Float[Tensor, "batch class_"],
        truth: Int64[Tensor, " batch"],
        beside: Int64[Tensor, " batch"],
        share: Float[Tensor, " batch"],
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """Σ s loss(y) + (1 − s) loss(y′) of truths of which s is one class and the rest another, and n.

        Source: Zhang et al. 2018, "mixup: beyond empirical risk minimization", arXiv:1710.09412.
        """
        return over_observed(torch.lerp(self.each(output, beside), self.each(output, truth), share), None)

    def weighing(self, counts: Mapping[str, int]) -> Self:
        """The same loss on the classes of the data, in their order, each with how often the train part holds it.

        Raises `ModelError` for a weight of a class that there is not.
        """
        if self.class_weights is None:
            return self
        found = self.model_copy()
        found._weights = tuple(self._named(self.class_weights, counts))
        return found

    def weights(self, like: Float[Tensor, "*batch class_"]) -> Float[Tensor, " class_"] | None:
        """w of every class; none where all weigh alike."""
        if self.class_weights is None:
            return None
        assert self._weights is not None, "training tells a loss the classes of its data"
        return torch.tensor(self._weights, dtype=like.dtype, device=like.device)

    def _named(self, weights: Literal["balanced"] | Mapping[str, float], counts: Mapping[str, int]) -> list[float]:
        if weights == "balanced":
            return [sum(counts.values()) / (len(counts) * count) for count in counts.values()]
        for name in weights:
            if name not in counts:
                rule = f"a weight belongs to a class of the train part: received one for `{name}`"
                at = ("model", "loss", "class_weights", name)
                raise ModelError(f"{rule}; the classes are {', '.join(list(counts)[:20])}", at=at)
        return [weights.get(name, 1.0) for name in counts]
