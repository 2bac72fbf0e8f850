"""Attention over inputs and states, and the decoder that looks back."""

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, PALE, arrow, box, charts, label, note, plain, ring
from rnnlib.layer import Flow
from rnnlib.layers import AttentionPooling, InputAttention, TimeAttention
from rnnlib.layers.scores import Additive, Multiplicative


def decoder() -> Figure:
    """The layers read; a cell writes, fed with its own last step, and looks back."""
    figure, axes = plain(6.6, 2.5)
    for step in range(4):
        x = 0.5 + 0.7 * step
        note(axes, (x, 0.2), f"x{'₁₂₃₄'[step]}")
        arrow(axes, (x, 0.32), (x, 0.58))
        arrow(axes, (x, 1.02), (x, 1.3))
        ring(axes, (x, 1.46), "h", colour=PALE)
    box(axes, (1.55, 0.8), "layers", size=(2.7, 0.42), colour=BLUE)
    for step in range(3):
        x = 4.0 + 0.95 * step
        box(axes, (x, 0.8), "cell", size=(0.62, 0.42), colour=GREEN)
        arrow(axes, (x, 1.02), (x, 1.6))
        ring(axes, (x, 1.76), "ŷ", colour=PALE)
        arrow(axes, (2.78, 1.5), (x - 0.14, 1.7), colour=ORANGE)
        if step < 2:
            arrow(axes, (x + 0.31, 0.8), (x + 0.64, 0.8))
            arrow(axes, (x + 0.17, 1.76), (x + 0.45, 1.76), (x + 0.45, 0.35), (x + 0.95, 0.35), (x + 0.95, 0.58))
    arrow(axes, (2.9, 0.8), (3.69, 0.8))
    note(axes, (3.3, 0.95), "bridge", GREY)
    note(axes, (3.3, 2.0), "attention", ORANGE)
    return figure


def additive() -> Figure:
    """Scores of a query with keys along a line."""
    figure, (axes,) = charts()
    torch.manual_seed(2)
    module = Additive(units=16).build(1, 1)
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    keys = torch.linspace(-3, 3, 61)[None, :, None]
    for query, colour in ((-1.5, ORANGE), (0.0, GREY), (1.5, BLUE)):
        scores = module(torch.tensor([[[query]]]), keys)[0, 0].detach()
        axes.plot(keys[0, :, 0], scores.softmax(0), color=colour, label=f"q = {query:g}")
    axes.legend(fontsize=8)
    label(axes, "key", "weight")
    return figure


def multiplicative() -> Figure:
    """The largest weight over 16 random keys, by their width."""
    figure, (axes,) = charts()
    widths, draw = [1, 2, 4, 8, 16, 32, 64, 128, 256], torch.Generator().manual_seed(0)
    for form, colour in (("dot", ORANGE), ("scaled", BLUE)):
        largest = []
        for width in widths:
            module = Multiplicative(form=form).build(width, width)
            query, keys = (torch.randn(200, count, width, generator=draw) for count in (1, 16))
            largest.append(float(module(query, keys).softmax(2).amax(2).mean()))
        axes.plot(widths, largest, "o-", color=colour, markersize=3, label=form)
    axes.set_xscale("log", base=2)
    axes.set_ylim(0, 1)
    axes.legend(fontsize=8)
    label(axes, "width of the vectors", "largest weight")
    return figure


def _series(columns: int, steps: int = 16) -> torch.Tensor:
    draw = torch.Generator().manual_seed(1)
    waves = torch.stack([torch.sin(torch.arange(steps) / (1.5 + k) + k) for k in range(columns)], dim=1)
    return (waves + 0.15 * torch.randn(steps, columns, generator=draw))[None]


def _shaken(module: nn.Module, by: float) -> nn.Module:
    torch.manual_seed(3)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=by)
    return module


def attention_pooling() -> Figure:
    """States, and the weight of each."""
    figure, (left, right) = charts(2, width=6.0, height=2.2)
    x = _series(6)
    module = _shaken(AttentionPooling().build(Flow(6)), 0.9)
    left.imshow(x[0].T, cmap="Blues", aspect="auto", interpolation="none")
    left.set(xticks=[], yticks=[], xlabel="step", ylabel="unit", title="states")
    right.bar(np.arange(16), module.weights(x)[0].detach(), color=ORANGE)
    label(right, "step", "weight")
    return figure


def input_attention() -> Figure:
    """Weights of columns over a window."""
    figure, (left, right) = charts(2, width=6.2, height=2.2)
    x = _series(4)
    module = _shaken(InputAttention(units=8).build(Flow(4, 16)), 0.7)
    left.plot(x[0], linewidth=1)
    label(left, "step", "", title="four columns")
    right.imshow(module.weights(x)[0].detach().T, cmap="Blues", aspect="auto", vmin=0, interpolation="none")
    right.set(yticks=range(4), xlabel="step", ylabel="column", title="weights")
    return figure


def time_attention() -> Figure:
    """A column, its weights, and their product."""
    figure, (left, right) = charts(2, width=6.2, height=2.2)
    x = _series(1)
    module = _shaken(TimeAttention().build(Flow(1, 16)), 0.6)
    left.plot(x[0, :, 0], color=GREY, label="x")
    left.plot(module(x)[0][0, :, 0].detach(), color=BLUE, label="a ⊙ x")
    left.legend(fontsize=8)
    label(left, "step", "")
    right.bar(np.arange(16), module.weights(x)[0, 0].detach(), color=ORANGE)
    label(right, "step", "weight a")
    return figure
