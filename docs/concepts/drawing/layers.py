"""Layers that see several steps at once, and those around other layers."""

from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREY, ORANGE, PALE, arrow, box, note, plain


def segment() -> Figure:
    """A look-back cut into segments that a cell runs over; from its last state, every output segment in one step."""
    figure, axes = plain(6.6, 2.6)
    for place in range(4):
        x = 0.6 + place
        box(axes, (x, 0.35), f"s{place + 1}", size=(0.86, 0.3))
        arrow(axes, (x, 0.5), (x, 0.92))
        box(axes, (x, 1.15), "cell", size=(0.6, 0.45), colour=BLUE)
        if place:
            arrow(axes, (x - 0.7, 1.15), (x - 0.3, 1.15))
    note(axes, (2.1, 0.72), "relu(W s + b)", GREY)
    for place, y in enumerate((0.62, 1.68)):
        arrow(axes, (3.9, 1.15), (4.15, 1.15), (4.15, y), (4.42, y))
        box(axes, (4.72, y), "cell", size=(0.6, 0.45), colour=BLUE)
        arrow(axes, (4.72, y + 0.6), (4.72, y + 0.23))
        note(axes, (4.72, y + 0.72), f"p{place + 1}, q", ORANGE)
        arrow(axes, (5.02, y), (5.5, y))
        box(axes, (5.95, y), f"ŝ{place + 1}", size=(0.86, 0.3), colour=PALE)
    note(axes, (1.3, 1.9), "one channel, segments of w steps", GREY)
    return figure


def steps() -> Figure:
    """The columns of the targets are taken from the steps that the layers write."""
    figure, axes = plain(4.6, 2.0)
    for column, name in enumerate(("target", "past", "target")):
        for step in range(4):
            colour = BLUE if name == "target" else PALE
            box(axes, (0.7 + 0.5 * step, 1.45 - 0.4 * column), "", size=(0.46, 0.34), colour=colour)
            if name == "target":
                box(axes, (3.0 + 0.4 * step, 1.25 - 0.2 * column), "", size=(0.36, 0.34), colour=BLUE)
    arrow(axes, (2.5, 1.05), (2.75, 1.05))
    note(axes, (1.45, 1.8), "what the layers write", GREY)
    note(axes, (3.6, 1.8), "the forecast", GREY)
    note(axes, (1.45, 0.25), "steps of the horizon")
    return figure
