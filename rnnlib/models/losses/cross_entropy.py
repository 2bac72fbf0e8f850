"""The cross-entropy."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Bool, Float, Int64
from torch import Tensor
from torch.nn import functional as F

from rnnlib.models.losses.base import Loss, over_observed


class CrossEntropy(Loss):
    """Cross-entropy between the classes' predicted probabilities and the true class, in nats.

    L = −1/n Σ log p_y,  p = softmax(logits)

    Source: Bridle 1990; Goodfellow, Bengio and Courville 2016, "Deep Learning", chapter 6.2.2.
    """

    takes: ClassVar[str] = "logits"
    kind: Literal["cross_entropy"] = "cross_entropy"

    def sums(
        self,
        output: Float[Tensor, "batch class"],
        truth: Int64[Tensor, " batch"],
        observed: Bool[Tensor, " batch"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """−Σ log p_y and n."""
        return over_observed(F.cross_entropy(output, truth, reduction="none"), observed)
