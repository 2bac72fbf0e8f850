"""Layers, heads, losses and whole models."""

import numpy as np
import torch
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, PALE, RED, arrow, box, charts, label, note, plain, ring
from rnnlib.cells import GRU, LSTM, RNN
from rnnlib.layer import Flow
from rnnlib.layers import Dropout


def parameters() -> Figure:
    """What 32 units on 8 inputs cost, by cell."""
    figure, (axes,) = charts(height=2.2)
    for row, cell in enumerate((LSTM(units=32), GRU(units=32), RNN(units=32))):
        left = 0
        named = dict(cell.layer(8).named_parameters())
        biases = sum(value.numel() for name, value in named.items() if "bias" in name)
        kinds = named["kernel"].numel(), named["recurrent_kernel"].numel(), biases
        for size, colour, name in zip(kinds, (BLUE, ORANGE, GREEN), ("kernel W", "recurrent U", "bias"), strict=True):
            axes.barh(row, size, left=left, color=colour, label=name if row == 0 else None)
            left += size
        axes.text(left + 60, row, f"{left:,}", va="center")
    axes.set_yticks(range(3), ["lstm", "gru", "rnn"])
    axes.set_xlim(0, 6200)
    axes.legend(fontsize=8, loc="upper right")
    label(axes, "parameters, 32 units on 8 inputs", "")
    return figure


def dense() -> Figure:
    """Every value that comes in reaches every unit, at each step alike."""
    figure, axes = plain(4.4, 2.2)
    ins, outs = (0.4, 1.1, 1.8), (0.6, 1.6)
    for y in ins:
        for target in outs:
            arrow(axes, (1.06, y), (2.24, target), colour=GREY)
        ring(axes, (0.9, y), "x", colour=PALE)
    for y in outs:
        ring(axes, (2.4, y), "φ", colour=BLUE)
        arrow(axes, (2.56, y), (3.3, y))
        note(axes, (3.45, y), "y")
    note(axes, (1.65, 2.08), "W, b: the same at every step", GREY)
    return figure


def dropout() -> Figure:
    """Values before and after: one in four is 0, the others are a third larger; locked, at all steps alike."""
    figure, (left, *rest) = charts(3, width=7.6, height=2.2)
    values = torch.from_numpy(np.random.default_rng(3).uniform(0.2, 1, size=(1, 12, 6)))
    torch.manual_seed(1)
    dropped = [Dropout(rate=0.25, locked=locked).build(Flow(6))(values)[0] for locked in (False, True)]
    titles = "m ⊙ x / (1 − 0.25)", "locked"
    for axes, shown, title in ((left, values, "x"), *zip(rest, dropped, titles, strict=True)):
        axes.imshow(shown[0].T.numpy(), cmap="Blues", vmin=0, vmax=1.4, interpolation="none")
        axes.set(xticks=[], yticks=[], xlabel="step", ylabel="unit", title=title)
    return figure


def attention() -> Figure:
    """Who looks at whom: a sequence of six valid steps and two of padding; right: causal."""
    figure, panels = charts(2, width=5.8, height=2.7)
    draw = np.random.default_rng(5)
    scores = draw.normal(size=(8, 8)) * 1.2
    steps = np.arange(8)
    masks = np.broadcast_to(steps < 6, (8, 8)), steps[None] <= steps[:, None]
    for axes, mask, title in zip(panels, masks, ("length 6", "length 6, causal"), strict=True):
        weights = np.where(mask, np.exp(scores), 0)
        weights = np.where(steps[:, None] < 6, weights / weights.sum(1, keepdims=True), np.nan)
        axes.imshow(weights, cmap="Blues", vmin=0, vmax=0.8, interpolation="none")
        axes.set(xlabel="step that is looked at", ylabel="step that looks", title=title)
        axes.set_xticks(steps, [str(step) for step in steps + 1])
        axes.set_yticks(steps, [str(step) for step in steps + 1])
    return figure


def _loss_curve(of: str, curve: np.ndarray, slope: np.ndarray, x: np.ndarray, name: str) -> Figure:
    figure, (axes,) = charts()
    axes.plot(x, curve, color=BLUE, label="loss")
    axes.plot(x, slope, color=ORANGE, linestyle="--", label="its slope")
    axes.legend(fontsize=8)
    label(axes, of, name)
    return figure


def mse() -> Figure:
    """The squared error grows with its own slope."""
    x = np.linspace(-2, 2, 81)
    return _loss_curve("ŷ − y", x**2, 2 * x, x, "(ŷ − y)²")


def mae() -> Figure:
    """The absolute error pulls alike however far it is."""
    x = np.linspace(-2, 2, 81)
    return _loss_curve("ŷ − y", np.abs(x), np.sign(x), x, "|ŷ − y|")


def cross_entropy() -> Figure:
    """A class that was thought impossible costs without bound."""
    p = np.linspace(0.02, 1, 80)
    figure, (axes,) = charts()
    axes.plot(p, -np.log(p), color=BLUE)
    axes.axhline(np.log(3), color=GREY, linestyle=":")
    axes.text(0.62, np.log(3) + 0.1, "three classes, no idea: log 3", color=GREY, fontsize=8)
    label(axes, "probability given to the true class", "−log p")
    return figure


def loss() -> Figure:
    """The loss is the mean over the values that were observed; what is missing counts nothing."""
    figure, (axes,) = charts()
    steps = np.arange(8)
    truth, forecast = np.sin(steps / 2), 0.8 * np.sin(steps / 2 - 0.3) + 0.1
    seen = steps != 4
    axes.vlines(steps[seen], truth[seen], forecast[seen], color=RED, linewidth=1.5, label="error")
    axes.plot(steps, forecast, "o-", color=BLUE, label="forecast ŷ")
    axes.plot(steps[seen], truth[seen], "o", color=ORANGE, label="truth y")
    axes.plot(steps[~seen], truth[~seen], "o", mfc="none", color=GREY, label="not observed")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    label(axes, "step of the horizon", "")
    return figure


def point() -> Figure:
    """The last state, the static values and the future columns give all steps of the horizon at once."""
    figure, axes = plain(5.8, 2.2)
    for y, text in ((1.75, "h at the last step"), (1.1, "static"), (0.45, "future")):
        box(axes, (0.95, y), text, size=(1.6, 0.42))
        arrow(axes, (1.75, y), (2.5, 1.1 + 0.3 * (y - 1.1)))
    box(axes, (2.9, 1.1), "W, b", colour=BLUE, size=(0.8, 0.7))
    for step in range(4):
        x = 4.2 + 0.4 * step
        ring(axes, (x, 1.1), "ŷ", colour=GREEN)
    arrow(axes, (3.3, 1.1), (4.02, 1.1))
    note(axes, (4.8, 0.7), "horizon × targets", GREY)
    return figure


def classes() -> Figure:
    """Logits, and the probabilities that softmax makes of them."""
    figure, (left, right) = charts(2, width=5.4, height=2.2)
    logits = np.array([1.2, -0.4, 2.1])
    left.bar(["a", "b", "c"], logits, color=BLUE)
    left.axhline(0, color=GREY, linewidth=0.8)
    label(left, "class", "logit")
    right.bar(["a", "b", "c"], np.exp(logits) / np.exp(logits).sum(), color=GREEN)
    label(right, "class", "probability", ticks=[0, 0.5, 1])
    return figure


def _model(head: str, output: str) -> Figure:
    figure, axes = plain(5.6, 2.0)
    for step in range(5):
        x = 0.5 + 0.7 * step
        note(axes, (x, 0.2), f"x{'₁₂₃₄₅'[step]}")
        arrow(axes, (x, 0.32), (x, 0.58))
        arrow(axes, (x, 1.02), (x, 1.22))
    box(axes, (1.9, 0.8), "layer", size=(3.3, 0.42), colour=BLUE)
    box(axes, (1.9, 1.44), "layer", size=(3.3, 0.42), colour=BLUE)
    box(axes, (4.3, 1.44), head, size=(0.85, 0.42), colour=GREEN)
    arrow(axes, (3.55, 1.44), (3.87, 1.44), colour=ORANGE)
    arrow(axes, (4.72, 1.44), (5.0, 1.44))
    note(axes, (5.28, 1.44), output)
    note(axes, (4.3, 1.82), "last state", ORANGE)
    return figure


def classifier() -> Figure:
    """A stack of layers over the whole sequence, and a logit for every class from the last state."""
    return _model("classes", "logits")


def regressor() -> Figure:
    """A stack of layers over the whole sequence, and one number from the last state."""
    return _model("value", "ŷ")


def value() -> Figure:
    """One number for a sequence: a dot product with the last state."""
    figure, axes = plain(4.6, 1.5)
    box(axes, (0.95, 1.05), "h at the last step", size=(1.6, 0.42))
    box(axes, (0.95, 0.4), "static", size=(1.6, 0.42))
    box(axes, (2.75, 0.72), "w, b", colour=BLUE, size=(0.8, 0.5))
    arrow(axes, (1.75, 1.05), (2.35, 0.8))
    arrow(axes, (1.75, 0.4), (2.35, 0.64))
    arrow(axes, (3.15, 0.72), (3.7, 0.72))
    ring(axes, (3.87, 0.72), "ŷ", colour=GREEN)
    return figure


def forecaster() -> Figure:
    """A window: the context that is read, and the horizon that is forecast from it."""
    figure, (axes,) = charts(height=2.4)
    draw = np.random.default_rng(1)
    steps = np.arange(60)
    series = np.sin(steps / 4) + steps / 40 + 0.1 * draw.normal(size=60)
    axes.axvspan(12, 47, color=PALE)
    axes.axvspan(47, 59, color="#dafbe1")
    axes.plot(steps, series, color=GREY)
    axes.set_ylim(-1.5, 3)
    axes.plot(steps[48:], np.sin(steps[48:] / 4) + steps[48:] / 40, color=GREEN, label="forecast")
    axes.plot([47, 59], [series[47]] * 2, color=ORANGE, linestyle=":", label="last value")
    axes.text(29, -1.3, "context", ha="center")
    axes.text(53, -1.3, "horizon", ha="center")
    axes.legend(fontsize=8, loc="upper left")
    label(axes, "step", "")
    return figure
