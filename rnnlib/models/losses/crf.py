"""The likelihood of a sequence of tags under a linear chain."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor
from torch.nn import functional as F

from rnnlib.models.linear_chain import log_partition
from rnnlib.models.losses.base import Loss


class CrfLikelihood(Loss):
    """Negative log-likelihood of whole sequences of tags, in nats per step.

    L = (log Σ_y exp score(y) − log Σ_{y that agrees with the known tags} exp score(y)) / steps with a known tag

    Where all tags of a sequence are known, the second sum is the score of one path. A tag that is not known is summed
    out: it counts for nothing, and its neighbours still belong to one sequence.

    Source: Lafferty, McCallum and Pereira 2001, "Conditional random fields"; unknown tags: Tsuboi et al. 2008,
    "Training conditional random fields using incomplete annotations".
    """

    takes: ClassVar[str] = "potentials"
    kind: Literal["crf"] = "crf"

    def sums(
        self,
        output: Float[Tensor, "batch time class class"],
        truth: Int64[Tensor, "batch time"],
        observed: Bool[Tensor, "batch time"] | None = None,
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """−Σ log p(known tags), and their number."""
        known = torch.ones_like(truth, dtype=torch.bool) if observed is None else observed
        agrees = F.one_hot(truth, output.shape[-1]).bool() | ~known[..., None]
        every, agreeing = log_partition(output, torch.stack([torch.ones_like(agrees), agrees]))
        return (every - agreeing).sum(), known.sum()
