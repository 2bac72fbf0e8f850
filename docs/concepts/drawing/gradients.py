"""Gradients on their way back through time, drawn with the library's own cells."""

import torch
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREY, ORANGE, charts, label
from rnnlib.cells import GRU, Cell
from rnnlib.layer import Flow
from rnnlib.training.carried import Carriage
from rnnlib.training.passage import passing

STEPS = 64


def _by_input(cell: Cell, truncate: int | None) -> list[float]:
    """‖∂L/∂x_t‖ at every step, L the sum of the last hidden state."""
    torch.manual_seed(0)
    module = cell.build(Flow(4)).train()
    x = torch.randn(32, STEPS, 4, requires_grad=True)
    with passing(module, Carriage(truncate).over):
        outputs, _ = module(x, None)
    (gradient,) = torch.autograd.grad(outputs[:, -1].sum(), x)
    norms: list[float] = gradient.norm(dim=(0, 2)).tolist()
    return norms


def truncated_backpropagation() -> Figure:
    """Gradient of a loss at the end by every input of a GRU: whole, and cut after 24 and after 8 steps."""
    figure, (axes,) = charts(width=5.6, height=2.4)
    back = range(STEPS - 1, -1, -1)
    for truncate, colour, style in ((None, GREY, "-"), (24, BLUE, "--"), (8, ORANGE, ":")):
        norms = [norm or float("nan") for norm in _by_input(GRU(units=32), truncate)]
        axes.semilogy(
            back, norms, color=colour, linestyle=style, label=f"truncate: {truncate}" if truncate else "whole"
        )
    axes.invert_xaxis()
    axes.legend(fontsize=8, loc="upper left")
    label(axes, "steps back", "gradient")
    return figure
