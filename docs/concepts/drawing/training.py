"""Training: steps down a loss, drawn with the library's own optimizers, clipping, stopping and shuffling."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from torch import Tensor

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, PALE, RED, arrow, box, charts, label, note, plain
from rnnlib.seeds import derived
from rnnlib.training import SGD, Adam, EarlyStopping, RMSprop
from rnnlib.training.clipping import Clip, length
from rnnlib.training.early_stopping import Watch
from rnnlib.training.feed import shuffled
from rnnlib.training.optimizers import Optimizer

Path = list[list[float]]


def _valley(w: Tensor) -> Tensor:
    """A loss that is thirty times as steep across as along: L = ½ (w₁² + 30 w₂²)."""
    return 0.5 * (w[0] ** 2 + 30 * w[1] ** 2)


def _walk(
    optimizer: Optimizer, start: Sequence[float], steps: int, loss: Callable[[Tensor], Tensor], noise: float = 0.0
) -> Path:
    """Where the weights stand before every step, and after the last."""
    weight = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    memory = optimizer.start(weight.detach())
    draw = torch.Generator().manual_seed(4)
    path = [weight.tolist()]
    for step in range(1, steps + 1):
        (gradient,) = torch.autograd.grad(loss(weight), weight)
        gradient += noise * torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        optimizer.step(weight.detach(), gradient, memory, step, optimizer.learning_rate)
        path.append(weight.tolist())
    return path


def _on_the_valley(axes: Axes, paths: Sequence[tuple[str, str, Path]], title: str = "") -> None:
    across, along = np.meshgrid(np.linspace(-0.6, 2.2, 41), np.linspace(-0.45, 0.45, 31))
    axes.contour(
        across, along, 0.5 * (across**2 + 30 * along**2), levels=[0.05, 0.3, 1, 2, 3.5], colors=GREY, linewidths=0.6
    )
    for name, colour, path in paths:
        axes.plot(*zip(*path, strict=True), color=colour, marker="o", markersize=2.5, linewidth=1.1, label=name)
    axes.plot(0, 0, marker="x", color="black")
    axes.set(xlim=(-0.6, 2.2), ylim=(-0.45, 0.45))
    label(axes, "w₁", "w₂", title=title)


def learning_rate() -> Figure:
    """The loss of twelve steps of plain descent with four learning rates, on L = ½ w²."""
    figure, (axes,) = charts()
    for rate, colour in ((0.05, GREY), (0.5, BLUE), (1.9, ORANGE), (2.1, RED)):
        path = _walk(SGD(learning_rate=rate), [1.0], 12, lambda w: 0.5 * (w**2).sum())
        axes.semilogy([0.5 * w[0] ** 2 for w in path], color=colour, label=f"η = {rate:g}")
    axes.set_ylim(1e-6, 1e2)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    label(axes, "step", "loss")
    return figure


def sgd() -> Figure:
    """Down the same valley with the gradient of all examples, and with those of batches."""
    figure, (axes,) = charts(width=5.6, height=2.4)
    still = _walk(SGD(learning_rate=0.04), [2.0, 0.3], 60, _valley)
    noisy = _walk(SGD(learning_rate=0.04), [2.0, 0.3], 60, _valley, noise=1.2)
    _on_the_valley(axes, [("batches", ORANGE, noisy), ("all examples", BLUE, still)])
    axes.legend(fontsize=8, loc="lower right")
    return figure


def momentum() -> Figure:
    """Twenty steps down a narrow valley, without momentum and with it."""
    figure, panels = charts(2, width=6.4, height=2.3)
    for axes, mu, colour in zip(panels, (0.0, 0.7), (ORANGE, BLUE), strict=True):
        path = _walk(SGD(learning_rate=0.05, momentum=mu), [2.0, 0.3], 20, _valley)
        _on_the_valley(axes, [("", colour, path)], title=f"μ = {mu:g}")
    return figure


def rmsprop() -> Figure:
    """Two weights whose gradients differ a thousandfold: descent moves one of them, RMSprop both."""
    figure, panels = charts(2, width=6.2, height=2.3)

    def steep_and_flat(w: Tensor) -> Tensor:
        return w[0] + 0.001 * w[1]

    for axes, optimizer in zip(panels, (SGD(learning_rate=0.01), RMSprop(learning_rate=0.01)), strict=True):
        path = _walk(optimizer, [1.0, 1.0], 30, steep_and_flat)
        for place, (name, colour) in enumerate((("gradient 1", BLUE), ("gradient 0.001", ORANGE))):
            axes.plot([w[place] for w in path], color=colour, label=name)
        axes.set_ylim(0, 1.05)
        label(axes, "step", "weight", title=optimizer.kind)
    panels[0].legend(fontsize=8, loc="lower left")
    return figure


def adam() -> Figure:
    """Forty steps down the narrow valley by three optimizers."""
    figure, (axes,) = charts(width=5.6, height=2.4)
    walks = (
        ("sgd", GREY, SGD(learning_rate=0.03)),
        ("rmsprop", ORANGE, RMSprop(learning_rate=0.04)),
        ("adam", BLUE, Adam(learning_rate=0.08)),
    )
    _on_the_valley(axes, [(name, colour, _walk(how, [2.0, 0.3], 40, _valley)) for name, colour, how in walks])
    axes.legend(fontsize=8, loc="lower right")
    return figure


def l2() -> Figure:
    """A weight that the data wants at 1, and one that it does not care about, under three decays."""
    figure, panels = charts(2, width=6.2, height=2.3)

    def only_the_first(w: Tensor) -> Tensor:
        return 0.5 * (w[0] - 1) ** 2

    for decay, colour in ((0.0, GREY), (0.1, BLUE), (0.5, ORANGE)):
        path = _walk(SGD(learning_rate=0.1, weight_decay=decay), [0.0, 1.0], 60, only_the_first)
        for place, axes in enumerate(panels):
            axes.plot([w[place] for w in path], color=colour, label=f"λ = {decay:g}")
    label(panels[0], "step", "weight", title="wanted at 1")
    label(panels[1], "step", "", title="not needed")
    panels[0].legend(fontsize=8, loc="lower right")
    return figure


def clipping() -> Figure:
    """Gradients before (grey) and after: what is longer than the limit ends on the circle."""
    figure, (axes,) = charts(width=3.4, height=3.0)
    axes.add_patch(Circle((0, 0), 1.0, facecolor="none", edgecolor=ORANGE, linestyle="--", linewidth=1.2))
    for gradient in ((2.4, 1.0), (-0.5, 0.6), (-1.8, -1.1), (0.7, -2.0), (0.55, 0.25)):
        clipped = torch.tensor(gradient)
        Clip(norm=1.0)(clipped, length(clipped))
        axes.plot([0, gradient[0]], [0, gradient[1]], color=GREY, linewidth=1)
        arrow(axes, (0, 0), tuple(clipped.tolist()), colour=BLUE)
    axes.set(xlim=(-2.6, 2.6), ylim=(-2.2, 1.6), aspect="equal")
    note(axes, (1.25, -0.85), "c = 1", ORANGE)
    label(axes, "g₁", "g₂")
    return figure


def early_stopping() -> Figure:
    """Train loss goes on falling; the validation loss turns; patience 5 ends it, the best weights stay."""
    figure, (axes,) = charts()
    epochs = np.arange(1, 41)
    train = 0.15 + 0.85 * np.exp(-epochs / 9)
    validation = train + 0.00028 * epochs**2 + 0.012 * np.sin(epochs * 1.7) + 0.06
    section, watch, last = EarlyStopping(patience=5), Watch(), 0
    while not section.ends(watch):
        watch = section.seen(watch, float(validation[last]))
        last += 1
    best = 1 + int(np.argmin(validation[:last]))
    axes.plot(epochs[:last], train[:last], color=GREY, label="train")
    axes.plot(epochs[:last], validation[:last], color=BLUE, label="validation")
    axes.plot(epochs[last:], validation[last:], color=BLUE, linewidth=0.8, linestyle=":")
    axes.plot(best, validation[best - 1], "o", color=GREEN, label=f"best: epoch {best}")
    axes.axvline(last, color=RED, linewidth=1, linestyle="--", label=f"stopped: epoch {last}")
    axes.legend(fontsize=8)
    label(axes, "epoch", "loss")
    return figure


def backward_pass() -> Figure:
    """Values go forward and are kept; gradients come back and use them; every weight ends with its own."""
    figure, axes = plain(6.6, 2.2)
    names = ("x", "cell", "head", "loss")
    places = (0.6, 2.3, 4.1, 5.9)
    for x, name in zip(places, names, strict=True):
        box(axes, (x, 1.3), name, size=(0.9, 0.46), colour=PALE if name == "x" else BLUE)
    for left, right, forward, back in zip(places, places[1:], ("x", "h", "ŷ"), ("", "∂L/∂h", "∂L/∂ŷ"), strict=False):
        arrow(axes, (left + 0.45, 1.4), (right - 0.45, 1.4))
        note(axes, ((left + right) / 2, 1.56), forward)
        if back:
            arrow(axes, (right - 0.45, 1.2), (left + 0.45, 1.2), colour=RED)
            note(axes, ((left + right) / 2, 1.02), back, RED)
    for x, weight in ((2.3, "∂L/∂(W, U, b)"), (4.1, "∂L/∂(W, b)")):
        arrow(axes, (x, 1.07), (x, 0.5), colour=RED)
        note(axes, (x, 0.33), weight, RED)
    note(axes, (3.3, 2.0), "forward: values, kept until the way back", GREY)
    return figure


def epoch_and_batch() -> Figure:
    """Twelve examples, batches of five, three epochs: each in an order of its own, drawn by the library."""
    figure, axes = plain(6.4, 1.75)
    for row in range(3):
        y = 1.3 - 0.5 * row
        note(axes, (0.45, y), f"epoch {row + 1}")
        for place, example in enumerate(shuffled(12, derived(1, "shuffle", row + 1)).tolist()):
            batch = place // 5
            x = 1.15 + 0.38 * place + 0.25 * batch
            box(axes, (x, y), str(example), size=(0.34, 0.34), colour=(BLUE, ORANGE, GREEN)[batch])
    for batch, x in enumerate((1.91, 4.06, 5.64)):
        note(axes, (x, 1.62), f"batch {batch + 1}", GREY)
    return figure
