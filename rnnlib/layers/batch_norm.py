"""Batch normalisation."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn

from rnnlib.cells.scan import wide
from rnnlib.layer import Flow, Lengths, Memory, Streams
from rnnlib.layers.normalisation import Normalisation, ScaleAndShift
from rnnlib.padding import zeroed


class BatchNorm(Normalisation):
    """Normalises each column over all valid steps of the batch; in evaluation by running statistics.

    y = γ ⊙ (x − μ) / √(σ² + ε) + β;  running: m ← (1 − momentum) · m + momentum · μ,  v likewise from σ² · n / (n − 1)

    μ and σ² are over the n valid steps of the batch in training, and m and v in evaluation. Padding counts nowhere.
    m starts at 0 and v at 1; both are stored with the weights.

    Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
    """

    kind: Literal["batch_norm"] = "batch_norm"
    momentum: float = Field(0.1, gt=0, le=1, description="share of the running statistics that a batch replaces")

    @property
    def one_way(self) -> bool:
        """In evaluation no step sees another."""
        return True

    def build(self, before: Flow) -> BatchNormSteps:
        """The module."""
        return BatchNormSteps(before.known, self.epsilon, self.affine, self.momentum)


class BatchNormSteps(nn.Module, Streams):
    """Batch normalisation; `mean` and `variance` are the running statistics."""

    mean: Tensor
    variance: Tensor

    def __init__(self, width: int, epsilon: float, affine: bool, momentum: float) -> None:
        super().__init__()
        self.epsilon, self.momentum = epsilon, momentum
        self.learned = ScaleAndShift(width, affine)
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("variance", torch.ones(width))

    def forward(
        self, x: Float[Tensor, "batch time feature"], lengths: Lengths = None
    ) -> tuple[Float[Tensor, "batch time feature"], Lengths]:
        """Normalised by the batch in training, by the running statistics else."""
        x = wide(x)
        if not self.training:
            return self._by(x, self.mean, self.variance), lengths
        count = x.new_tensor(x.shape[0] * x.shape[1]) if lengths is None else lengths.sum().to(x.dtype)
        mean = zeroed(x, lengths).sum(dim=(0, 1)) / count
        variance = zeroed(x - mean, lengths).square().sum(dim=(0, 1)) / count
        with torch.no_grad():
            self.mean.lerp_(mean.to(self.mean.dtype), self.momentum)
            unbiased = variance * count / (count - 1).clamp(min=1)
            self.variance.lerp_(unbiased.to(self.variance.dtype), self.momentum)
        return self._by(x, mean, variance), lengths

    def start(self, batch: int) -> Memory:  # noqa: ARG002 - nothing is kept
        """Nothing."""
        return ()

    def step(self, x: Float[Tensor, "batch feature"], memory: Memory) -> tuple[Float[Tensor, "batch feature"], Memory]:
        """Normalised by the running statistics."""
        return self._by(x, self.mean, self.variance), memory

    def _by(self, x: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        shown: Tensor = self.learned((x - mean) * (variance + self.epsilon).rsqrt())
        return shown
