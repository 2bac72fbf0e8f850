"""Language models, and how texts are drawn from them, drawn from the code itself."""

import numpy as np
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, ORANGE, arrow, box, charts, note, plain
from rnnlib.sampling import Sampling

LETTERS = ("e", "a", "o", "i", "u", "r", "y", "s")
LOGITS = np.log(np.array([0.34, 0.22, 0.16, 0.12, 0.07, 0.05, 0.03, 0.01]))


def language_model() -> Figure:
    """A token in, the next one told, and the state that the next stretch begins with."""
    figure, axes = plain(5.6, 2.3)
    for step, (read, told) in enumerate(zip("the c", "he ca", strict=True)):
        x = 0.6 + 0.9 * step
        note(axes, (x, 0.2), "␣" if read == " " else read)
        arrow(axes, (x, 0.32), (x, 0.6))
        arrow(axes, (x, 1.04), (x, 1.3))
        box(axes, (x, 1.5), "head", size=(0.7, 0.36), colour=GREEN)
        arrow(axes, (x, 1.68), (x, 1.92))
        note(axes, (x, 2.06), "␣" if told == " " else told)
    box(axes, (2.4, 0.82), "layers", size=(4.4, 0.42), colour=BLUE)
    arrow(axes, (4.6, 0.82), (5.3, 0.82))
    note(axes, (5.1, 1.02), "state")
    return figure


def sampling() -> Figure:
    """The same letters under four ways to draw."""
    ways = {
        "temperature 1": Sampling(),
        "temperature 0.5": Sampling(temperature=0.5),
        "top_k 3": Sampling(top_k=3),
        "top_p 0.8": Sampling(top_p=0.8),
    }
    figure, panels = charts(4, width=7.2, height=2.1)
    for axes, (title, way) in zip(panels, ways.items(), strict=True):
        shares = way.shares(LOGITS)
        axes.bar(range(len(LETTERS)), shares, color=[BLUE if share else ORANGE for share in shares])
        axes.set_xticks(range(len(LETTERS)), LETTERS)
        axes.set_ylim(0, 0.65)
        axes.set_title(title)
    return figure
