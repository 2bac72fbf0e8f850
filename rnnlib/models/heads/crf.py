"""A conditional random field over the tags of a sequence."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.layer import Flow, Lengths
from rnnlib.layers.projection import projection
from rnnlib.models.heads.step_classes import classes_of_steps
from rnnlib.models.heads.step_head import Decoded, StepHead, with_static
from rnnlib.models.linear_chain import best_path, impossible, marginals
from rnnlib.models.losses import Loss
from rnnlib.models.shape import Shape
from rnnlib.padding import valid_steps


class Crf(StepHead):
    r"""Linear-chain conditional random field: which tag follows which counts beside what each step looks like.

    e_t = W [h_t, static] + b,  score(y) = s(y_1) + Σ_t e_t(y_t) + Σ_{t>1} A(y_{t−1}, y_t) + z(y_T),
    p(y | x) = exp score(y) / Σ_{y'} exp score(y')

    A, s and z are learned and start at 0. The prediction is the most probable sequence as a whole (Viterbi); its
    probabilities are the marginals of each step.

    Source: Lafferty, McCallum and Pereira 2001, "Conditional random fields: probabilistic models for segmenting and
    labeling sequence data"; upon a recurrent network: Huang, Xu and Yu 2015, arXiv:1508.01991.
    """

    gives: ClassVar[str] = "potentials"
    kind: Literal["crf"] = "crf"

    def width(self, shape: Shape) -> int:
        """The scores of all pairs of classes, for one step; raises `ModelError` where there are not two classes."""
        return classes_of_steps(shape) ** 2

    def build(self, before: Flow, shape: Shape) -> CrfHead:
        """The module: [batch, time, class before, class]."""
        return CrfHead(before.known + shape.static, classes_of_steps(shape))

    def compared(
        self,
        loss: Loss,
        output: Float[Tensor, "batch time class class"],
        truth: Int64[Tensor, "batch time"],
        observed: Bool[Tensor, "batch time"],
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss over whole sequences."""
        return loss.sums(output, truth, observed)

    def decoded(self, output: Float[Tensor, "batch time class class"]) -> Decoded:
        """The most probable path, and every step's own probabilities."""
        return Decoded(best_path(output), marginals(output))


class CrfHead(nn.Module):
    """Scores of every pair of neighbouring classes; beyond a sequence's length a path can only stay where it is."""

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.affine = projection(inputs, classes)
        self.transitions = nn.Parameter(torch.zeros(classes, classes))
        self.start = nn.Parameter(torch.zeros(classes))
        self.end = nn.Parameter(torch.zeros(classes))

    def forward(
        self, states: Float[Tensor, "batch time unit"], lengths: Lengths, batch: Batch
    ) -> Float[Tensor, "batch time class class"]:
        """ψ_t(i, j): what it adds to a path's score to come from i to j at step t."""
        emissions: Tensor = self.affine(with_static(states, batch))
        time, classes = emissions.shape[1:]
        first = (emissions[:, :1] + self.start)[:, :, None].expand(-1, -1, classes, -1)
        potentials = torch.cat([first, emissions[:, 1:, None] + self.transitions], dim=1)
        steps = torch.arange(time, device=emissions.device)
        last = steps == time - 1 if lengths is None else steps == lengths[:, None] - 1
        potentials = potentials + last[..., None, None] * self.end
        if lengths is None:
            return potentials
        moves = ~torch.eye(classes, dtype=torch.bool, device=emissions.device)
        stay = torch.zeros_like(moves, dtype=emissions.dtype).masked_fill(moves, impossible(emissions))
        return torch.where(valid_steps(lengths, time)[..., None, None], potentials, stay)
