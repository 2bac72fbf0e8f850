"""Tied weights, drawn."""

from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, ORANGE, arrow, box, note, plain


def weight_tying() -> Figure:
    """One table: its row of a token is read, and all of its rows score what comes next."""
    figure, axes = plain(5.6, 2.2)
    note(axes, (0.4, 0.5), "token")
    arrow(axes, (0.75, 0.5), (1.15, 0.5))
    box(axes, (1.7, 0.5), "row of E", size=(1.1, 0.5), colour=BLUE)
    arrow(axes, (2.25, 0.5), (2.6, 0.5))
    box(axes, (3.1, 0.5), "layers", size=(1.0, 0.5))
    arrow(axes, (3.6, 0.5), (3.95, 0.5))
    box(axes, (4.5, 0.5), "E h + b", size=(1.1, 0.5), colour=GREEN)
    arrow(axes, (5.05, 0.5), (5.4, 0.5))
    box(axes, (3.1, 1.75), "E  [tokens, width]", size=(1.9, 0.5), colour=ORANGE)
    arrow(axes, (2.15, 1.75), (1.7, 1.75), (1.7, 0.75), colour=ORANGE)
    arrow(axes, (4.05, 1.75), (4.5, 1.75), (4.5, 0.75), colour=ORANGE)
    return figure
