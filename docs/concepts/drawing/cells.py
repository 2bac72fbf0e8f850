"""Cells and what happens along their time axis."""

from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, RED, arrow, box, note, plain, ring


def cell() -> Figure:
    """A cell, and the same cell unrolled over three steps."""
    figure, axes = plain(6.4, 1.9)
    box(axes, (0.9, 1.0), "cell", colour=BLUE)
    arrow(axes, (0.9, 0.3), (0.9, 0.77))
    note(axes, (0.9, 0.17), "x")
    arrow(axes, (0.9, 1.23), (0.9, 1.65))
    note(axes, (0.9, 1.75), "h")
    arrow(axes, (1.3, 1.0), (1.7, 1.0), (1.7, 0.55), (0.2, 0.55), (0.2, 1.0), (0.5, 1.0), colour=ORANGE)
    note(axes, (2.25, 1.0), "=")
    for step, x in enumerate((3.1, 4.4, 5.7), 1):
        box(axes, (x, 1.0), "cell", colour=BLUE)
        arrow(axes, (x, 0.3), (x, 0.77))
        note(axes, (x, 0.17), f"x{'₁₂₃'[step - 1]}")
        arrow(axes, (x, 1.23), (x, 1.65))
        note(axes, (x, 1.75), f"h{'₁₂₃'[step - 1]}")
        if step < 3:
            arrow(axes, (x + 0.4, 1.0), (x + 0.9, 1.0), colour=ORANGE)
    return figure


def rnn() -> Figure:
    """h' = φ(W x + U h + b)."""
    figure, axes = plain(5.2, 2.0)
    note(axes, (0.3, 0.5), "x")
    note(axes, (0.3, 1.2), "h")
    arrow(axes, (0.45, 0.5), (1.0, 0.5))
    arrow(axes, (0.45, 1.2), (1.0, 1.2), colour=ORANGE)
    box(axes, (1.35, 0.5), "W", size=(0.7, 0.42))
    box(axes, (1.35, 1.2), "U", size=(0.7, 0.42))
    ring(axes, (2.45, 0.85), "+")
    arrow(axes, (1.7, 0.5), (2.33, 0.75))
    arrow(axes, (1.7, 1.2), (2.33, 0.95))
    note(axes, (2.45, 0.2), "b")
    arrow(axes, (2.45, 0.32), (2.45, 0.68))
    box(axes, (3.4, 0.85), "φ", colour=BLUE)
    arrow(axes, (2.61, 0.85), (3.0, 0.85))
    arrow(axes, (3.8, 0.85), (4.6, 0.85))
    note(axes, (4.8, 0.85), "h′")
    arrow(axes, (4.25, 0.85), (4.25, 1.75), (0.3, 1.75), (0.3, 1.35), colour=ORANGE)
    note(axes, (2.3, 1.88), "to the next step", ORANGE)
    return figure


def lstm() -> Figure:
    """The memory cell runs along the top; three gates decide what it drops, takes in and shows."""
    figure, axes = plain(6.2, 3.2)
    note(axes, (0.25, 2.6), "c")
    note(axes, (0.25, 0.75), "h")
    note(axes, (0.25, 0.35), "x")
    arrow(axes, (0.4, 2.6), (1.24, 2.6), colour=ORANGE)
    ring(axes, (1.4, 2.6), "×")
    arrow(axes, (1.56, 2.6), (2.74, 2.6), colour=ORANGE)
    ring(axes, (2.9, 2.6), "+")
    arrow(axes, (3.06, 2.6), (5.7, 2.6), colour=ORANGE)
    note(axes, (5.9, 2.6), "c′")
    for x, text, colour in ((1.4, "σ  f", GREEN), (2.3, "σ  i", GREEN), (3.2, "tanh  g", BLUE), (4.1, "σ  o", GREEN)):
        box(axes, (x, 1.2), text, size=(0.75, 0.4), colour=colour)
        arrow(axes, (x, 0.55), (x, 1.0))
    axes.plot([0.4, 4.1], [0.55, 0.55], color="#24292f", linewidth=1.3)
    arrow(axes, (1.4, 1.4), (1.4, 2.44))
    ring(axes, (2.9, 1.95), "×")
    arrow(axes, (2.3, 1.4), (2.3, 1.95), (2.74, 1.95))
    arrow(axes, (3.2, 1.4), (3.2, 1.7), (3.0, 1.83))
    arrow(axes, (2.9, 2.11), (2.9, 2.44))
    box(axes, (5.0, 2.0), "tanh", size=(0.65, 0.36), colour=BLUE)
    arrow(axes, (5.0, 2.6), (5.0, 2.18))
    ring(axes, (5.0, 1.2), "×")
    arrow(axes, (5.0, 1.82), (5.0, 1.36))
    arrow(axes, (4.48, 1.2), (4.84, 1.2))
    arrow(axes, (5.16, 1.2), (5.7, 1.2))
    note(axes, (5.9, 1.2), "h′")
    return figure


def gru() -> Figure:
    """The reset gate acts inside the candidate n, the update gate mixes n with the old state."""
    figure, axes = plain(6.2, 2.8)
    note(axes, (0.25, 2.3), "h")
    note(axes, (0.25, 0.4), "x, h")
    arrow(axes, (0.4, 2.3), (3.44, 2.3), colour=ORANGE)
    ring(axes, (3.6, 2.3), "×")
    arrow(axes, (3.76, 2.3), (4.74, 2.3), colour=ORANGE)
    ring(axes, (4.9, 2.3), "+")
    arrow(axes, (5.06, 2.3), (5.7, 2.3), colour=ORANGE)
    note(axes, (5.9, 2.3), "h′")
    axes.plot([0.5, 3.6], [0.4, 0.4], color="#24292f", linewidth=1.3)
    for x, text, colour in ((1.2, "σ  r", GREEN), (2.4, "tanh  n", BLUE), (3.6, "σ  z", GREEN)):
        box(axes, (x, 1.1), text, size=(0.8, 0.4), colour=colour)
        arrow(axes, (x, 0.4), (x, 0.9))
    arrow(axes, (1.6, 1.1), (2.0, 1.1), label="r ⊙ (U h + c)", offset=(0.0, -0.42))
    arrow(axes, (3.6, 1.3), (3.6, 2.14), label="z", offset=(0.12, 0))
    ring(axes, (4.9, 1.6), "×")
    arrow(axes, (2.4, 1.3), (2.4, 1.6), (4.74, 1.6))
    note(axes, (2.95, 1.75), "n")
    arrow(axes, (4.0, 1.1), (4.9, 1.1), (4.9, 1.44), label="1 − z", offset=(0.1, -0.15))
    arrow(axes, (4.9, 1.76), (4.9, 2.14))
    return figure


def depth() -> Figure:
    """Three layers over four steps: states flow right along time and up through the layers."""
    figure, axes = plain(5.4, 2.9)
    for step in range(4):
        x = 1.2 + 1.1 * step
        note(axes, (x, 0.15), f"x{'₁₂₃₄'[step]}")
        for layer in range(3):
            y = 0.75 + 0.75 * layer
            box(axes, (x, y), f"h{'¹²³'[layer]}", size=(0.6, 0.38), colour=BLUE)
            arrow(axes, (x, y - 0.48), (x, y - 0.19))
            if step < 3:
                arrow(axes, (x + 0.3, y), (x + 0.8, y), colour=ORANGE)
        arrow(axes, (x, 2.44), (x, 2.75))
    for layer in range(3):
        note(axes, (0.4, 0.75 + 0.75 * layer), f"layer {layer + 1}", GREY)
    return figure


def _unrolled(backward: bool) -> Figure:
    figure, axes = plain(6.2, 2.3)
    colour = RED if backward else ORANGE
    for step in range(4):
        x = 0.7 + 1.2 * step
        box(axes, (x, 1.1), f"h{'₁₂₃₄'[step]}", size=(0.7, 0.45), colour=BLUE)
        ends = (x, 0.4), (x, 0.87)
        arrow(axes, *(reversed(ends) if backward else ends), colour=colour)
        note(axes, (x, 0.25), f"∂L/∂x{'₁₂₃₄'[step]}" if backward else f"x{'₁₂₃₄'[step]}")
        if step < 3:
            ends = (x + 0.35, 1.1), (x + 0.85, 1.1)
            arrow(axes, *(reversed(ends) if backward else ends), colour=colour)
            if backward:
                note(axes, (x + 0.6, 1.5), "Uᵀ φ′", RED)
    box(axes, (5.5, 1.1), "L", size=(0.5, 0.45))
    ends = (4.65, 1.1), (5.25, 1.1)
    arrow(axes, *(reversed(ends) if backward else ends), colour=colour)
    note(axes, (3.0, 2.0), "every step back multiplies by Uᵀ φ′" if backward else "time runs forward, one step each")
    return figure


def forward_pass() -> Figure:
    """Values flow from the first step to the loss."""
    return _unrolled(backward=False)


def backpropagation_through_time() -> Figure:
    """Gradients flow from the loss to the first step, and are multiplied at every one."""
    return _unrolled(backward=True)
