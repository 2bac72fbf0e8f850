"""Cells whose recurrence is linear, elementwise or exponential."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, GREY, INK, ORANGE, arrow, box, charts, label, note, plain, ring
from rnnlib.cells import LRU


def _line(axes: Axes, places: tuple[float, ...], y: float, end: float, names: tuple[str, str]) -> None:
    """A state that runs along: a product at the first place, a sum at the second."""
    note(axes, (0.25, y), names[0])
    arrow(axes, (0.42, y), (places[0] - 0.16, y), colour=ORANGE)
    ring(axes, (places[0], y), "×")
    arrow(axes, (places[0] + 0.16, y), (places[1] - 0.16, y), colour=ORANGE)
    ring(axes, (places[1], y), "+")
    arrow(axes, (places[1] + 0.16, y), (end, y), colour=ORANGE)
    note(axes, (end + 0.2, y), names[1])


def _minimal(gates: tuple[tuple[float, str, str], ...], kept: str, added: str) -> Figure:
    figure, axes = plain(5.8, 2.7)
    _line(axes, (1.6, 4.2), 2.3, 5.2, ("h", "h′"))
    note(axes, (0.25, 0.35), "x")
    axes.plot([0.4, gates[-1][0]], [0.35, 0.35], color=INK, linewidth=1.3)
    for x, text, colour in gates:
        box(axes, (x, 1.0), text, size=(0.8, 0.4), colour=colour)
        arrow(axes, (x, 0.35), (x, 0.8))
    arrow(axes, (1.6, 1.2), (1.6, 2.14))
    note(axes, (1.5 - 0.04 * len(kept), 1.95), kept)
    ring(axes, (4.2, 1.65), "×")
    arrow(axes, (gates[-1][0], 1.2), (4.2, 1.49))
    arrow(axes, (gates[-2][0], 1.2), (gates[-2][0], 1.65), (4.04, 1.65))
    note(axes, ((gates[-2][0] + 4.1) / 2, 1.82), added)
    arrow(axes, (4.2, 1.81), (4.2, 2.14))
    note(axes, (2.6, 0.12), "no gate sees h: all steps at once", GREY)
    return figure


def min_gru() -> Figure:
    """One gate of the input alone mixes the old state with a candidate of the input alone."""
    return _minimal(((1.6, "σ  z", GREEN), (4.2, "g  n", BLUE)), "1 − z", "z")


def min_lstm() -> Figure:
    """Two gates of the input alone, divided by their sum, weigh the old state and the candidate."""
    return _minimal(((1.6, "σ  f", GREEN), (2.8, "σ  i", GREEN), (4.2, "g  n", BLUE)), "f / (f + i)", "i / (f + i)")


def ind_rnn() -> Figure:
    """Every unit sees its own past alone: u stands where a simple RNN has a matrix."""
    figure, axes = plain(5.6, 2.3)
    note(axes, (0.3, 0.5), "x")
    arrow(axes, (0.45, 0.5), (1.0, 0.5))
    box(axes, (1.35, 0.5), "W", size=(0.7, 0.42))
    note(axes, (2.6, 0.15), "b")
    for number, y in enumerate((0.5, 1.1, 1.7)):
        arrow(axes, (1.7, 0.5), (2.44, y))
        ring(axes, (2.6, y), "+")
        arrow(axes, (2.76, y), (3.2, y))
        box(axes, (3.5, y), "φ", size=(0.5, 0.36), colour=BLUE)
        arrow(axes, (3.75, y), (4.6, y))
        note(axes, (4.85, y), f"h′{'₁₂₃'[number]}")
        arrow(axes, (4.2, y), (4.2, y + 0.32), (2.6, y + 0.32), (2.6, y + 0.16), colour=ORANGE)
        note(axes, (3.2, y + 0.41), f"u{'₁₂₃'[number]}", ORANGE)
    return figure


def slstm() -> Figure:
    """Two lines run along: the memory c, and n, the sum of the weights in it; h shows their ratio."""
    figure, axes = plain(6.2, 3.4)
    _line(axes, (1.4, 2.8), 2.95, 5.2, ("c", "c′"))
    _line(axes, (1.4, 2.8), 2.35, 5.2, ("n", "n′"))
    note(axes, (0.25, 0.35), "x, h")
    axes.plot([0.5, 4.2], [0.35, 0.35], color=INK, linewidth=1.3)
    gates = ((1.4, "σ  f", GREEN), (2.4, "exp  i", GREEN), (3.3, "tanh  z", BLUE), (4.2, "σ  o", GREEN))
    for x, text, colour in gates:
        box(axes, (x, 1.0), text, size=(0.8, 0.4), colour=colour)
        arrow(axes, (x, 0.35), (x, 0.8))
    arrow(axes, (1.4, 1.2), (1.4, 2.19))
    arrow(axes, (1.4, 2.51), (1.4, 2.79))
    arrow(axes, (2.4, 1.2), (2.4, 1.8), (2.75, 2.2))
    note(axes, (2.25, 1.6), "i")
    arrow(axes, (3.3, 1.2), (3.3, 2.65), (2.9, 2.82))
    note(axes, (3.55, 1.9), "i ⊙ z")
    ring(axes, (4.6, 1.75), "÷")
    arrow(axes, (4.6, 2.35), (4.6, 1.91))
    arrow(axes, (5.0, 2.95), (5.0, 1.75), (4.76, 1.75))
    ring(axes, (4.9, 1.0), "×")
    arrow(axes, (4.6, 1.59), (4.82, 1.14))
    arrow(axes, (4.6, 1.0), (4.74, 1.0))
    arrow(axes, (5.06, 1.0), (5.4, 1.0))
    note(axes, (5.6, 1.0), "h′")
    return figure


def lru() -> Figure:
    """Left: factors λ of 60 units on two rings. Right: what one unit of each remembers of one value."""
    figure, (left, right) = charts(2, width=6.0, height=2.7)
    angle = np.linspace(0, 2 * np.pi, 60)
    left.plot(np.cos(angle), np.sin(angle), color=GREY, linewidth=0.8)
    for r_min, r_max, colour in ((0.3, 0.6, ORANGE), (0.95, 0.999, BLUE)):
        torch.manual_seed(0)
        factors = LRU(units=60, r_min=r_min, r_max=r_max).layer(1).factors().detach()
        left.scatter(factors.real, factors.imag, s=5, color=colour, label=f"{r_min} – {r_max}")
        one = factors[(factors.angle() - 0.3).abs().argmin()]
        right.plot(torch.stack([one**step for step in range(50)]).real, color=colour)
    left.set_aspect("equal")
    label(left, "Re λ", "Im λ", ticks=[-1, 0, 1])
    label(right, "step", "Re λᵗ", ticks=[-1, 0, 1])
    return figure
