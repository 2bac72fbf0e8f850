"""The gate on the size of what comes in."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.layer import EachStep, Flow, Layer


class ThresholdGate(Layer):
    """Lets large values through and holds small ones back; from where on, each column learns.

    y = x ⊙ σ(s ⊙ (|x| − θ)),  θ and s learned, one for each column

    With s → ∞ it is hard thresholding, x where |x| > θ and 0 else; a finite s leaves it a slope to learn by.
    2 · inputs parameters. Put it on normalized inputs: θ is in their units.

    Source: hard thresholding of noise, Donoho and Johnstone 1994, "Ideal spatial adaptation by wavelet shrinkage";
    learned thresholds in a network, Zhao et al. 2020, "Deep residual shrinkage networks", doi:10.1109/TII.2019.2943898;
    the sigmoid in place of the step is the gate of Hochreiter and Schmidhuber 1997.
    """

    kind: Literal["gate"] = "gate"
    threshold: float = Field(0.5, ge=0, le=1e6, description="θ at the start, in units of what comes in")
    sharpness: float = Field(4.0, gt=0, le=1e6, description="s at the start: how abruptly the gate opens")

    def after(self, before: Flow) -> Flow:
        """As what comes in."""
        return before

    @property
    def one_way(self) -> bool:
        """No step sees another."""
        return True

    def build(self, before: Flow) -> ThresholdSteps:
        """The module; nothing is drawn."""
        return ThresholdSteps(before.known, self.threshold, self.sharpness)


class ThresholdSteps(EachStep):
    """The gate over every step."""

    def __init__(self, width: int, threshold: float, sharpness: float) -> None:
        super().__init__()
        self.threshold = nn.Parameter(torch.full((width,), threshold))
        self.sharpness = nn.Parameter(torch.full((width,), sharpness))

    def each(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch time feature"]:
        """x ⊙ σ(s ⊙ (|x| − θ)) for every t."""
        return x * torch.sigmoid(self.sharpness * (x.abs() - self.threshold))
