"""Curves: what functions, gates, gradients and weights look like, computed by the library itself."""

import numpy as np
import torch
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, RED, charts, label
from rnnlib.activations import ACTIVATIONS
from rnnlib.cells import LSTM, RNN, CellLayer


def activation() -> Figure:
    """Every activation over the same range."""
    figure, panels = charts(2, width=6.6)
    x = torch.linspace(-3, 3, 61)
    single = [name for name in ACTIVATIONS if name != "softmax"]
    bounded = [name for name in single if "sigmoid" in name or "tanh" in name]
    for axes, names in zip(panels, (bounded, [name for name in single if name not in bounded]), strict=True):
        for name in names:
            axes.plot(x, ACTIVATIONS[name](x), label=name, linestyle="--" if "hard" in name else "-")
        axes.set_ylim(-1.4, 3)
        axes.legend(loc="upper left", fontsize=8)
        label(axes, "a", "φ(a)")
    return figure


def gate() -> Figure:
    """A signal, a gate that opens and closes, and their product."""
    figure, (axes,) = charts()
    t = np.linspace(0, 20, 101)
    signal = np.sin(t)
    opened = 1 / (1 + np.exp(-3 * (t - 6))) - 1 / (1 + np.exp(-3 * (t - 14)))
    axes.plot(t, signal, color=GREY, label="signal")
    axes.plot(t, opened, color=GREEN, label="gate")
    axes.plot(t, signal * opened, color=BLUE, label="gate ⊙ signal")
    axes.legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.18))
    label(axes, "step", "", ticks=[-1, 0, 1])
    return figure


def memory_cell() -> Figure:
    """c' = f c + i g with gates set by hand: written at step 5, kept, forgotten at step 20."""
    figure, (axes,) = charts()
    steps = np.arange(30)
    i, f = (steps == 5).astype(float), (steps != 20).astype(float)
    c, kept = 0.0, []
    for t in steps:
        c = f[t] * c + i[t] * 0.8
        kept.append(c)
    axes.step(steps, f + 2.4, where="mid", color=GREEN, label="forget gate f")
    axes.step(steps, i + 1.2, where="mid", color=ORANGE, label="input gate i")
    axes.step(steps, kept, where="mid", color=BLUE, label="memory c")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    label(axes, "step", "", ticks=[])
    return figure


def bias() -> Figure:
    """A bias shifts an activation along its axis."""
    figure, (axes,) = charts()
    x = torch.linspace(-6, 6, 61)
    for b, colour in ((-2, ORANGE), (0, GREY), (2, BLUE)):
        axes.plot(x, torch.sigmoid(x + b), color=colour, label=f"b = {b}")
    axes.legend(fontsize=8)
    label(axes, "w x", "σ(w x + b)")
    return figure


def _reach(layer: CellLayer, steps: int = 60) -> np.ndarray:
    """|∂ Σ h_T / ∂ x_t| for every t, by distance from T."""
    torch.manual_seed(2)
    x = torch.randn(steps, 16, 4, requires_grad=True)
    layer.sequence(x, layer.start(16))[0][-1].sum().backward()
    return x.grad.norm(dim=2).mean(1).flip(0).numpy()


def _remembering(forget_bias: float) -> CellLayer:
    torch.manual_seed(1)
    layer = LSTM(units=32).layer(4)
    torch.nn.init.constant_(layer.get_parameter("bias").detach()[32:64], forget_bias)
    return layer


def vanishing_gradients() -> Figure:
    """How much of the gradient is left after t steps back, at the start of training."""
    figure, (axes,) = charts()
    torch.manual_seed(1)
    axes.plot(_reach(RNN(units=32).layer(4)), color=RED, label="rnn")
    for forget_bias, colour in ((0.0, ORANGE), (1.0, BLUE), (2.0, GREEN)):
        name = f"lstm, forget bias {forget_bias:g}"
        axes.plot(_reach(_remembering(forget_bias)), color=colour, label=name)
    axes.set_yscale("log")
    axes.legend(fontsize=8)
    label(axes, "steps back from the end", "gradient norm")
    return figure


def exploding_gradients() -> Figure:
    """A kernel that stretches lets the gradient grow at every step back."""
    figure, (axes,) = charts()
    for gain, colour in ((1.0, GREY), (1.2, ORANGE), (1.4, RED)):
        torch.manual_seed(1)
        layer = RNN(units=32, activation="relu").layer(4)
        torch.nn.init.eye_(layer.get_parameter("recurrent_kernel")).detach().mul_(gain)
        axes.plot(_reach(layer), color=colour, label=f"relu rnn, U = {gain:g} · I")
    axes.set_yscale("log")
    axes.legend(fontsize=8)
    label(axes, "steps back from the end", "gradient norm")
    return figure


def initialisation() -> Figure:
    """Left: a kernel's values. Right: the singular values of a recurrent kernel, ours and a normal draw's."""
    figure, (left, right) = charts(2, width=6.2)
    torch.manual_seed(0)
    layer = RNN(units=64).layer(32)
    left.hist(layer.get_parameter("kernel").detach().flatten().numpy(), bins=20, color=BLUE)
    label(left, "W: glorot uniform", "count")
    ours = torch.linalg.svdvals(layer.get_parameter("recurrent_kernel").detach())
    right.plot(torch.linalg.svdvals(torch.randn(64, 64) / 8), color=GREY, label="normal")
    right.plot(ours, color=BLUE, label="orthogonal")
    right.legend(fontsize=8)
    label(right, "number", "singular value of U", ticks=[0, 1, 2])
    return figure
