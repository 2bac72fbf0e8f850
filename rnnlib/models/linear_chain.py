r"""Sums and maxima over all paths of a linear chain.

A path y_1 … y_T of C states has the score Σ_t ψ_t(y_{t−1}, y_t); of ψ_1 only the first row counts, since nothing comes
before. With α_t(j) = log Σ_{paths that end in j at t} exp(score):

    α_t(j) = log Σ_i exp(α_{t−1}(i) + ψ_t(i, j)),  log Z = log Σ_j exp α_T(j)

Source: Lafferty, McCallum and Pereira 2001, "Conditional random fields"; Rabiner 1989, doi:10.1109/5.18626.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

Potentials = Float[Tensor, "batch time state state"]


def impossible(like: Tensor) -> float:
    """A score so low that a path with it has no weight, and finite: ∞ − ∞ is no number."""
    return torch.finfo(like.dtype).min / 4


def log_partition(
    potentials: Potentials, allowed: Bool[Tensor, "case batch time state"]
) -> Float[Tensor, "case batch"]:
    """log Z over the paths whose every state is `allowed`, for several cases of what is."""
    never = impossible(potentials)
    sums = potentials[:, 0, 0].masked_fill(~allowed[:, :, 0], never)
    for step in range(1, potentials.shape[1]):
        arriving = torch.logsumexp(sums[..., None] + potentials[:, step], dim=-2)
        sums = arriving.masked_fill(~allowed[:, :, step], never)
    return torch.logsumexp(sums, dim=-1)


def best_path(potentials: Potentials) -> Int64[Tensor, "batch time"]:
    """The path with the greatest score (Viterbi)."""
    scores, before = potentials[:, 0, 0], []
    for step in range(1, potentials.shape[1]):
        best = (scores[..., None] + potentials[:, step]).max(dim=1)
        scores = best.values
        before.append(best.indices)
    path = [scores.argmax(dim=1)]
    for states in reversed(before):
        path.append(states.gather(1, path[-1][:, None])[:, 0])
    return torch.stack(path[::-1], dim=1)


def marginals(potentials: Potentials) -> Float[Tensor, "batch time state"]:
    """p(y_t = j) over all paths: exp(α_t(j) + β_t(j) − log Z), where β sums over what may follow."""
    forward = [potentials[:, 0, 0]]
    for step in range(1, potentials.shape[1]):
        forward.append(torch.logsumexp(forward[-1][..., None] + potentials[:, step], dim=1))
    backward = [torch.zeros_like(forward[0])]
    for step in range(potentials.shape[1] - 1, 0, -1):
        backward.append(torch.logsumexp(potentials[:, step] + backward[-1][:, None], dim=2))
    return (torch.stack(forward, 1) + torch.stack(backward[::-1], 1)).softmax(dim=2)
