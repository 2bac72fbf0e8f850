"""The cross-entropy."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float, Int64
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from rnnlib.models.losses.class_weights import ClassLoss


class CrossEntropy(ClassLoss):
    """Cross-entropy between the classes' predicted probabilities and the true class, in nats.

    L = −1/n Σ Σ_c w_c t_c log p_c,  p = softmax(logits),  t_c = (1 − ε) [c = y] + ε / k of k classes

    Source: Bridle 1990; Goodfellow, Bengio and Courville 2016, "Deep Learning", chapter 6.2.2; ε: Szegedy et al. 2015,
    arXiv:1512.00567.
    """

    kind: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="ε, the share of the truth that is dealt out evenly to all classes"
    )

    def each(self, output: Float[Tensor, "*batch class_"], truth: Int64[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
        """−w_y Σ_c t_c log p_c of each."""
        losses = F.cross_entropy(
            output.flatten(0, -2),
            truth.flatten(),
            weight=self.weights(output),
            label_smoothing=self.label_smoothing,
            reduction="none",
        )
        return losses.reshape(truth.shape)
