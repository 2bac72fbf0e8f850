"""Temporal activation regularisation."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from torch import Tensor

from rnnlib.layer import Lengths
from rnnlib.padding import valid_steps
from rnnlib.training.penalties.base import OutputPenalty


class ActivationChange(OutputPenalty):
    """Temporal activation regularisation (TAR): keeps what the last recurrent layer gives from jumping between steps.

    R = mean of (h_{t+1} − h_t)², over the units of all pairs of steps that are no padding; 0 where there is no pair

    Source: Merity, McCann and Socher 2017, arXiv:1708.01009; the TAR of AWD-LSTM, arXiv:1708.02182.
    """

    kind: Literal["activation_change"] = "activation_change"

    def of(self, outputs: Float[Tensor, "batch time unit"], lengths: Lengths) -> Float[Tensor, ""]:
        """λ times the mean of (h_{t+1} − h_t)²."""
        changes = outputs[:, 1:] - outputs[:, :-1]
        kept = changes if lengths is None else changes[valid_steps(lengths - 1, changes.shape[1])]
        return self.weight * kept.square().sum() / max(1, kept.numel())
