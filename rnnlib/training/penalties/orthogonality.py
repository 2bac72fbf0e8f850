"""The orthogonality penalty."""

from __future__ import annotations

from typing import Literal

import torch

from rnnlib.training.flat import Flat
from rnnlib.training.penalties.base import WeightPenalty


class Orthogonality(WeightPenalty):
    """Keeps recurrent kernels near orthogonal: products over many steps then neither vanish nor explode.

    R = Σ ‖UᵀU − I‖²,  ∂R/∂U = 4 U (UᵀU − I),  over each square block U of every recurrent kernel: one for
    each gate, or for each head of a gate

    Source: Vorontsov et al. 2017, arXiv:1702.00071; Brock et al. 2017, arXiv:1609.07093.
    """

    kind: Literal["orthogonality"] = "orthogonality"

    def falls_on(self, flat: Flat) -> bool:
        """Where there is a recurrent kernel."""
        return bool(_kernels(flat))

    def add_gradient(self, flat: Flat) -> None:
        """g ← g + 4 λ U (UᵀU − I), gate by gate."""
        for name in _kernels(flat):
            kernel, gradient = flat.of(name, flat.theta), flat.of(name, flat.gradient)
            units = kernel.shape[1]
            blocks = kernel.view(-1, units, units)
            excess = blocks.mT @ blocks - torch.eye(units, dtype=kernel.dtype, device=kernel.device)
            gradient.view_as(blocks).baddbmm_(blocks, excess, alpha=4 * self.weight)


def _kernels(flat: Flat) -> list[str]:
    """The recurrent kernels that are square blocks, one upon the other; a projected state's are not."""
    shapes = {
        name: weight.shape
        for name, weight in flat.weights.items()
        if name.endswith("recurrent_kernel")
        and f"{name.removesuffix('recurrent_kernel')}projection_kernel" not in flat.weights
    }
    return [name for name, shape in shapes.items() if len(shape) == 2 and shape[0] % shape[1] == 0]
