"""Clipping by the global norm: a gradient that is too long is shortened, its direction stays."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm


def gradient_norm(model: nn.Module) -> Float[Tensor, ""]:
    """‖g‖, the Euclidean length of all gradients of a model taken as one vector."""
    return get_total_norm([weight.grad for weight in model.parameters() if weight.grad is not None])


def clip_gradients(model: nn.Module, norm: Float[Tensor, ""], limit: float) -> None:
    """g ← g · min(1, c / (‖g‖ + 1e-6)) in place, with c the limit and ‖g‖ the norm over all weights.

    Source: Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063, algorithm 1.
    """
    clip_grads_with_norm_(model.parameters(), limit, norm)
