"""What can be added to a cell: a second direction, connections, and noise along time."""

import torch
from matplotlib.figure import Figure
from torch.nn import functional as F

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, arrow, box, charts, label, note, plain, ring
from rnnlib.cells import GRU, LSTM, RNN
from rnnlib.cells.both_ways import turned


def bidirectional() -> Figure:
    """One cell reads forwards, one backwards; both states of a step are joined. Right: where padding stays."""
    figure, axes = plain(6.6, 2.3)
    for step in range(4):
        x = 0.6 + 0.95 * step
        note(axes, (x, 0.15), f"x{'₁₂₃₄'[step]}")
        box(axes, (x - 0.02, 0.75), "h→", size=(0.55, 0.36), colour=BLUE)
        box(axes, (x - 0.02, 1.4), "h←", size=(0.55, 0.36), colour=GREEN)
        arrow(axes, (x, 0.28), (x, 0.57))
        arrow(axes, (x + 0.34, 0.28), (x + 0.34, 1.4), (x + 0.26, 1.4))
        arrow(axes, (x, 1.58), (x, 1.95))
        note(axes, (x, 2.1), f"y{'₁₂₃₄'[step]}")
        if step < 3:
            arrow(axes, (x + 0.26, 0.7), (x + 0.65, 0.7), colour=ORANGE)
            arrow(axes, (x + 0.65, 1.5), (x + 0.26, 1.5), colour=ORANGE)
    order = turned(torch.arange(1.0, 6.0)[:, None, None].expand(5, 2, 1), torch.tensor([5, 3]))[..., 0].T
    note(axes, (5.4, 2.1), "what h← reads, in its order", GREY)
    for row, (read, length) in enumerate(zip(order.tolist(), (5, 3), strict=True)):
        for place, step in enumerate(read):
            valid = place < length
            box(axes, (4.55 + 0.42 * place, 1.5 - 0.6 * row), f"x{'₁₂₃₄₅'[int(step) - 1]}" if valid else "–",
                size=(0.4, 0.4), colour=GREEN if valid else "white")  # fmt: skip
    return figure


def peephole() -> Figure:
    """The input and forget gates also see c, the output gate sees c'."""
    figure, axes = plain(5.6, 2.3)
    note(axes, (0.25, 1.8), "c")
    arrow(axes, (0.4, 1.8), (1.04, 1.8), colour=ORANGE)
    ring(axes, (1.2, 1.8), "×")
    arrow(axes, (1.36, 1.8), (2.54, 1.8), colour=ORANGE)
    ring(axes, (2.7, 1.8), "+")
    arrow(axes, (2.86, 1.8), (5.0, 1.8), colour=ORANGE)
    note(axes, (5.2, 1.8), "c′")
    for x, text in ((1.2, "σ  f"), (2.2, "σ  i"), (4.0, "σ  o")):
        box(axes, (x, 0.6), text, size=(0.7, 0.4), colour=GREEN)
    arrow(axes, (1.2, 0.8), (1.2, 1.64))
    arrow(axes, (2.2, 0.8), (2.6, 1.66))
    arrow(axes, (0.7, 1.8), (0.7, 0.6), (0.85, 0.6), colour=BLUE, label="p_f", offset=(-0.22, 0))
    arrow(axes, (0.7, 0.2), (2.2, 0.2), (2.2, 0.4), colour=BLUE)
    axes.plot([0.7, 0.7], [0.6, 0.2], color=BLUE, linewidth=1.3)
    note(axes, (1.5, 0.08), "p_i", BLUE)
    arrow(axes, (4.0, 1.8), (4.0, 0.8), colour=BLUE, label="p_o", offset=(0.22, 0))
    return figure


def projection() -> Figure:
    """Parameters of an LSTM of 256 units on 64 inputs, by the width that its hidden state is projected to."""
    figure, (axes,) = charts(height=2.2)
    for row, width in enumerate((None, 128, 64, 32)):
        layer = LSTM(units=256, projection=width).layer(64)
        size = sum(parameter.numel() for parameter in layer.parameters())
        axes.barh(row, size, color=BLUE if width else GREY)
        axes.text(size + 4000, row, f"{size:,}", va="center")
    axes.set_yticks(range(4), ["none", "128", "64", "32"])
    axes.set_xlim(0, 420_000)
    axes.set_xticks([0, 100_000, 200_000, 300_000], ["0", "100,000", "200,000", "300,000"])
    label(axes, "parameters, 256 units on 64 inputs", "projection")
    return figure


def zoneout() -> Figure:
    """Which values of a GRU's state keep what they were, step by step; drawn by the cell itself."""
    figure, (axes,) = charts(width=5.2, height=2.3)
    torch.manual_seed(1)
    layer = GRU(units=10, zoneout=0.2).layer(3)
    h, _ = layer.sequence(torch.randn(31, 1, 3), layer.start(1))
    kept = (h[1:, 0] == h[:-1, 0]).T.numpy()
    axes.imshow(kept, cmap="Blues", vmin=0, vmax=1.3, interpolation="none", aspect="auto")
    axes.set(yticks=[])
    label(axes, "step", "unit", title="dark: h′ = h")
    return figure


def recurrent_dropout() -> Figure:
    """What the recurrent kernel sees: the same units at every step, another choice for every sequence."""
    figure, panels = charts(2, width=5.8, height=2.3)
    torch.manual_seed(5)
    layer = RNN(units=12, recurrent_dropout=0.25).layer(3)
    variational = layer.drawn(torch.zeros(1, 3)).seen[0] > 0
    ordinary = F.dropout(torch.ones(12, 20), 0.25) > 0
    for axes, seen, title in (
        (panels[0], variational[:, None].expand(12, 20), "recurrent_dropout"),
        (panels[1], ordinary, "not: another at every step"),
    ):
        axes.imshow(seen.numpy(), cmap="Blues", vmin=0, vmax=1.3, interpolation="none", aspect="auto")
        axes.set(yticks=[])
        label(axes, "step", "unit", title=title)
    return figure


def weight_drop() -> Figure:
    """A recurrent kernel, and the same during one pass over a batch."""
    figure, panels = charts(2, width=5.2, height=2.5)
    torch.manual_seed(2)
    layer = RNN(units=16, weight_drop=0.5).layer(3)
    dropped = layer.drawn(torch.zeros(1, 3)).kernel
    for axes, kernel, title in ((panels[0], layer.recurrent_kernel, "U"), (panels[1], dropped, "U in one pass")):
        axes.imshow(kernel.detach().numpy(), cmap="RdBu", vmin=-1.5, vmax=1.5, interpolation="none")
        axes.set(xticks=[], yticks=[], title=title)
    return figure


def cell_layer_norm() -> Figure:
    """How large the state of a rectified RNN grows on inputs of growing size, without and with normalisation."""
    figure, (axes,) = charts()
    for normed, colour, name in ((False, GREY, "layer_norm: false"), (True, BLUE, "layer_norm: true")):
        torch.manual_seed(0)
        layer = RNN(units=32, activation="relu", layer_norm=normed).layer(4)
        x = torch.randn(60, 16, 4) * torch.linspace(0.2, 4, 60)[:, None, None]
        h, _ = layer.sequence(x, layer.start(16))
        axes.plot(h.detach().norm(dim=2).mean(1), color=colour, label=name)
    axes.set_yscale("log")
    axes.legend(fontsize=8)
    label(axes, "step; inputs grow 20 times", "‖h‖")
    return figure


def initial_state() -> Figure:
    """Zeros at the start, and a state that is learned: the first outputs need not wait for the memory to fill."""
    figure, axes = plain(5.4, 1.7)
    box(axes, (0.75, 0.95), "h₀", colour=ORANGE)
    note(axes, (0.75, 0.5), "0, or weights", ORANGE)
    arrow(axes, (1.15, 0.95), (1.7, 0.95), colour=ORANGE)
    for step in range(3):
        x = 2.1 + 1.2 * step
        box(axes, (x, 0.95), "cell", colour=BLUE)
        arrow(axes, (x, 0.35), (x, 0.72))
        note(axes, (x, 0.2), f"x{'₁₂₃'[step]}")
        arrow(axes, (x, 1.18), (x, 1.45))
        note(axes, (x, 1.57), f"h{'₁₂₃'[step]}")
        if step < 2:
            arrow(axes, (x + 0.4, 0.95), (x + 0.8, 0.95), colour=ORANGE)
    return figure
