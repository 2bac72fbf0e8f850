"""How a step comes about: several batches to one step, and gradients that float16 can hold."""

import numpy as np
import torch
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, RED, arrow, box, charts, label, plain
from rnnlib.training.precision import FIRST


def accumulation() -> Figure:
    """Three batches, one gradient, one step."""
    figure, axes = plain(6.4, 1.9)
    for row, (count, colour) in enumerate(((16, BLUE), (16, ORANGE), (9, GREEN))):
        y = 1.55 - 0.55 * row
        box(axes, (1.0, y), f"batch {row + 1}: {count} values", size=(1.7, 0.36), colour=colour)
        arrow(axes, (1.9, y), (2.5, 0.95 + 0.2 * (1 - row)))
    box(axes, (3.4, 0.95), "g = ∇ Σ loss / 41", size=(1.7, 0.5))
    arrow(axes, (4.3, 0.95), (4.85, 0.95))
    box(axes, (5.5, 0.95), "one step", size=(1.3, 0.5))
    return figure


def mixed_precision() -> Figure:
    """Small gradients in float16: without the scale many are 0, with it almost none is."""
    figure, (axes,) = charts()
    gradients = 10.0 ** np.random.default_rng(0).normal(-7, 1.2, 20_000)
    edges = np.linspace(-12, 4, 33)
    for scale, name, colour in ((1.0, "as they are", GREY), (FIRST, "times S = 2¹⁶", BLUE)):
        kept = (torch.tensor(gradients * scale).half() != 0).float().mean()
        axes.hist(np.log10(gradients * scale), edges, color=colour, alpha=0.7, label=f"{name}: {1 - kept:.0%} lost")
    smallest = float(np.log10(2.0**-24))
    axes.axvspan(-12, smallest, color=RED, alpha=0.12)
    axes.text(-11.8, axes.get_ylim()[1] * 0.9, "0 in float16", color=RED, fontsize=8)
    axes.legend(fontsize=8, loc="upper right")
    label(axes, "size of a gradient, log₁₀", "gradients")
    return figure
