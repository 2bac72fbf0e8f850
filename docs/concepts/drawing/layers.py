"""Layers that see several steps at once, and those around other layers."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, PALE, RED, arrow, box, charts, label, note, plain, ring
from rnnlib.layer import Flow
from rnnlib.layers import TCN, BatchNorm, Conv1d, InstanceNorm, Layer, LayerNorm, Pooling, Sinusoidal


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


def _reads(layer: Layer, step: int, steps: int = 16) -> Tensor:
    """How strongly one step of what comes out rests on each that goes in."""
    torch.manual_seed(0)
    module = layer.build(Flow(1, steps)).eval()
    x = torch.randn(1, steps, 1, requires_grad=True)
    module(x, None)[0][0, step].sum().backward()
    return x.grad[0, :, 0].abs()


def _field(axes: Axes, reads: Tensor, step: int, title: str) -> None:
    colours = [BLUE if value > 0 else PALE for value in reads]
    axes.bar(range(len(reads)), [1] * len(reads), color=colours, width=0.9)
    axes.axvline(step, color=RED, linestyle=":")
    axes.set(yticks=[], title=title, xlabel="step that is read")


def conv1d() -> Figure:
    """The steps that one step rests on."""
    figure, panels = charts(3, width=6.6, height=1.6)
    kinds = {"same": ("same", 1), "causal": ("causal", 1), "causal, dilation 2": ("causal", 2)}
    for axes, (title, (padding, dilation)) in zip(panels, kinds.items(), strict=True):
        layer = Conv1d(filters=1, kernel=3, padding=padding, dilation=dilation)
        _field(axes, _reads(layer, 8), 8, title)
    return figure


def tcn() -> Figure:
    """The steps that the newest one rests on, by the number of blocks."""
    figure, panels = charts(3, width=6.6, height=1.6)
    for axes, blocks in zip(panels, (1, 2, 3), strict=True):
        reads = _reads(TCN(filters=4, kernel=2, blocks=blocks, activation="tanh"), 15)
        _field(axes, reads, 15, f"{blocks} block{'s' * (blocks > 1)}: {int((reads > 0).sum())} steps")
    return figure


def pooling() -> Figure:
    """What each way takes of a sequence."""
    figure, (axes,) = charts()
    x = torch.sin(torch.arange(20) / 2.2) + torch.arange(20) / 20
    axes.plot(x, "o-", color=GREY, markersize=4)
    found = Pooling(by=("last", "mean", "max")).build(Flow(1))(x[None, :, None], None)[0].flatten()
    for value, name, colour in zip(found, ("last", "mean", "max"), (BLUE, GREEN, ORANGE), strict=True):
        axes.axhline(float(value), color=colour, linestyle="--", label=name)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    label(axes, "step", "x")
    return figure


def _before_and_behind(x: Tensor, layer: Layer, titles: tuple[str, str]) -> Figure:
    figure, panels = charts(2, width=6.2, height=2.2)
    behind = layer.build(Flow(x.shape[2]))(x, None)[0].detach()
    for axes, shown, title in zip(panels, (x, behind), titles, strict=True):
        for sequence in shown:
            axes.plot(sequence)
        label(axes, "step", "", title=title)
    return figure


def batch_norm() -> Figure:
    """Sequences of one column, normalised together."""
    torch.manual_seed(2)
    x = 5 + 2 * torch.sin(torch.arange(30) / 4 + torch.arange(3)[:, None])[..., None]
    return _before_and_behind(x, BatchNorm(), ("x, three sequences", "normalised together"))


def instance_norm() -> Figure:
    """Sequences of one shape at different level and size."""
    wave = torch.sin(torch.arange(30) / 4)
    x = torch.stack([wave, 4 + 3 * wave, 10 + 0.5 * wave])[..., None]
    return _before_and_behind(x, InstanceNorm(), ("x, three sequences", "each normalised alone"))


def layer_norm() -> Figure:
    """The values of each step, normalised among themselves."""
    figure, panels = charts(2, width=6.2, height=2.2)
    torch.manual_seed(1)
    x = torch.randn(1, 14, 8) * torch.linspace(0.3, 3, 14)[:, None]
    behind = LayerNorm().build(Flow(8))(x, None)[0].detach()
    for axes, shown, title in zip(panels, (x, behind), ("x", "each step normalised"), strict=True):
        axes.imshow(shown[0].T, cmap="RdBu", vmin=-4, vmax=4, interpolation="none", aspect="auto")
        axes.set(xlabel="step", ylabel="value", title=title, xticks=[], yticks=[])
    return figure


def embedding() -> Figure:
    """Tokens pick rows of a table."""
    figure, axes = plain(5.0, 2.2)
    for row in range(4):
        for column in range(3):
            colour = (BLUE, GREEN, ORANGE, PALE)[row]
            box(axes, (3.4 + 0.5 * column, 1.75 - 0.42 * row), "", size=(0.46, 0.36), colour=colour)
        note(axes, (2.95, 1.75 - 0.42 * row), str(row), GREY)
    for step, token in enumerate((2, 0, 1)):
        colour = (BLUE, GREEN, ORANGE)[token]
        box(axes, (0.6 + 0.6 * step, 1.0), str(token), size=(0.46, 0.4), colour=colour)
    arrow(axes, (2.15, 1.0), (2.7, 1.0))
    note(axes, (1.2, 0.5), "tokens, step by step")
    note(axes, (3.9, 0.15), "E: a vector for each token", GREY)
    return figure


def positional() -> Figure:
    """The values that are added at each step."""
    figure, (axes,) = charts(height=2.2)
    waves = Sinusoidal().build(Flow(16))(torch.zeros(1, 60, 16), None)[0][0]
    axes.imshow(waves.T, cmap="RdBu", vmin=-1, vmax=1, aspect="auto", interpolation="none")
    label(axes, "step t", "value of p")
    return figure


def learned_positional() -> Figure:
    """A row of the table for each step."""
    figure, axes = plain(4.6, 2.0)
    for step in range(4):
        x = 0.6 + step
        box(axes, (x, 1.5), f"P{step}", size=(0.6, 0.4), colour=ORANGE)
        arrow(axes, (x, 1.3), (x, 1.02))
        ring(axes, (x, 0.86), "+")
        arrow(axes, (x, 0.42), (x, 0.7))
        note(axes, (x, 0.28), f"x{step}")
    return figure


def frames() -> Figure:
    """Blocks that halve the sides."""
    figure, axes = plain(5.4, 2.0)
    for place, (side, name) in enumerate(((1.4, "frame"), (0.7, "16 filters"), (0.35, "32 filters"))):
        x = 0.9 + 1.6 * place
        for depth in range(1 + 2 * place):
            box(axes, (x + 0.05 * depth, 1.05 + 0.05 * depth), "", size=(side, side), colour=PALE)
        note(axes, (x, 0.18), name, GREY)
    arrow(axes, (1.65, 1.05), (2.1, 1.05))
    arrow(axes, (3.1, 1.05), (3.8, 1.05))
    arrow(axes, (4.6, 1.05), (5.0, 1.05))
    note(axes, (5.15, 1.05), "y")
    return figure


def residual() -> Figure:
    """A line around the layers."""
    figure, axes = plain(5.0, 1.6)
    note(axes, (0.3, 0.6), "x")
    arrow(axes, (0.45, 0.6), (1.0, 0.6))
    box(axes, (1.5, 0.6), "gru", size=(0.9, 0.45), colour=BLUE)
    arrow(axes, (1.95, 0.6), (2.3, 0.6))
    box(axes, (2.8, 0.6), "dense", size=(0.9, 0.45), colour=BLUE)
    arrow(axes, (3.25, 0.6), (3.84, 0.6))
    ring(axes, (4.0, 0.6), "+")
    arrow(axes, (0.7, 0.6), (0.7, 1.25), (4.0, 1.25), (4.0, 0.76), colour=ORANGE)
    arrow(axes, (4.16, 0.6), (4.6, 0.6))
    note(axes, (4.75, 0.6), "y")
    return figure


def parallel() -> Figure:
    """Two branches and what they give, side by side."""
    figure, axes = plain(5.4, 1.8)
    note(axes, (0.3, 0.9), "x")
    for y, names in ((1.35, ("lstm", "pooling")), (0.45, ("conv1d", "pooling"))):
        arrow(axes, (0.45, 0.9), (0.7, 0.9), (0.7, y), (1.1, y))
        box(axes, (1.6, y), names[0], size=(0.9, 0.45), colour=BLUE)
        arrow(axes, (2.05, y), (2.45, y))
        box(axes, (2.95, y), names[1], size=(0.9, 0.45), colour=GREEN)
        arrow(axes, (3.4, y), (3.8, y), (3.8, 0.9), (4.15, 0.9))
    box(axes, (4.5, 0.9), "y", size=(0.6, 0.9))
    return figure
