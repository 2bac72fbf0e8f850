"""The focal loss."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float, Int64
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from rnnlib.models.losses.class_weights import ClassLoss


class Focal(ClassLoss):
    """Cross-entropy that looks away from what is already right: easy sequences of a frequent class do not drown a rare.

    L = −1/n Σ w_y (1 − p_y)^γ log p_y,  p = softmax(logits)

    w (`class_weights`) is α in the source. Source: Lin et al. 2017, "Focal loss for dense object detection",
    arXiv:1708.02002.
    """

    kind: Literal["focal"] = "focal"
    gamma: float = Field(2.0, ge=0, le=20, description="γ: how far it looks away; 0 is the cross-entropy")

    def each(self, output: Float[Tensor, "*batch class_"], truth: Int64[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
        """−w_y (1 − p_y)^γ log p_y of each."""
        logs = F.log_softmax(output, dim=-1).gather(-1, truth[..., None])[..., 0]
        # where p is 1 to the last bit a power below 1 has no slope: the bound's is 0
        missing = (-logs.expm1()).clamp(min=torch.finfo(logs.dtype).tiny)
        losses = -missing.pow(self.gamma) * logs
        if (weights := self.weights(output)) is not None:
            losses = losses * weights[truth]
        return losses
