"""Smooth curves through a few random heights."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor


def smooth(heights: Float64[Tensor, "batch knot curve"], at: Float64[Tensor, "batch time"]) -> Tensor:
    """The natural cubic splines through heights over evenly spaced knots, the first at 0 and the last at 1.

    With distance h and second derivatives m (0 at both ends): m_{i−1} + 4 m_i + m_{i+1} = 6 (y_{i−1} − 2 y_i +
    y_{i+1}) / h². Returns [batch, time, curve]. Source: de Boor 1978, "A practical guide to splines", chapter IV.
    """
    knots = heights.shape[1]
    bend = torch.zeros_like(heights)
    if knots > 2:
        inner = knots - 2
        near = torch.ones(inner - 1, dtype=torch.float64)
        system = 4 * torch.eye(inner, dtype=torch.float64) + torch.diag(near, 1) + torch.diag(near, -1)
        second = heights[:, 2:] - 2 * heights[:, 1:-1] + heights[:, :-2]
        bend[:, 1:-1] = torch.linalg.solve(system, 6 * second)
    place = at * (knots - 1)
    left = place.floor().clamp(0, knots - 2)
    right_share = (place - left)[..., None]
    left_share = 1 - right_share
    low = left.long()[..., None].expand(*at.shape, heights.shape[2])
    line = left_share * heights.gather(1, low) + right_share * heights.gather(1, low + 1)
    bow = (left_share**3 - left_share) * bend.gather(1, low) + (right_share**3 - right_share) * bend.gather(1, low + 1)
    return line + bow / 6
