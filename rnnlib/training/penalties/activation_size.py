"""Activation regularisation."""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from torch import Tensor

from rnnlib.layer import Lengths
from rnnlib.padding import valid_steps
from rnnlib.training.penalties.base import OutputPenalty


class ActivationSize(OutputPenalty):
    """Activation regularisation (AR): keeps what the last recurrent layer gives small.

    R = mean of h_t², over the units of all steps that are no padding

    Source: Merity, McCann and Socher 2017, arXiv:1708.01009; the AR of AWD-LSTM, arXiv:1708.02182.
    """

    kind: Literal["activation_size"] = "activation_size"

    def of(self, outputs: Float[Tensor, "batch time unit"], lengths: Lengths) -> Float[Tensor, ""]:
        """λ times the mean of h²."""
        kept = outputs if lengths is None else outputs[valid_steps(lengths, outputs.shape[1])]
        return self.weight * kept.square().mean()
