"""How weights start: matrices and biases drawn by the library itself."""

import numpy as np
import torch
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, charts, label
from rnnlib.initialisation import (
    Chrono,
    Constant,
    ForgetBias,
    He,
    Identity,
    Initialisation,
    Lecun,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    Xavier,
    Zeros,
)

SHAPES = ((96, 32), (32, 32), (32, 96))


def _matrix(part: Initialisation, rows: int, columns: int) -> torch.Tensor:
    torch.manual_seed(0)
    matrix = torch.empty(rows, columns)
    part.draw(matrix)
    return matrix


def _drawn(part: Initialisation) -> Figure:
    """Left: a matrix of 16 × 16. Right: how often each value occurs in a larger one."""
    figure, (left, right) = charts(2, width=5.6, height=2.2)
    matrix = _matrix(part, 16, 16)
    reach = max(matrix.abs().max().item(), 1e-6)
    left.imshow(matrix, cmap="RdBu_r", vmin=-reach, vmax=reach)
    left.set(xticks=[], yticks=[])
    label(left, "from", "to")
    values = _matrix(part, 256, 256).flatten().numpy()
    right.hist(values, bins=41, color=BLUE, density=True)
    label(right, "value", "how often", ticks=[])
    return figure


def _by_shape(one: Initialisation, other: Initialisation, names: tuple[str, str]) -> Figure:
    """Width of the values drawn, by the matrix's shape."""
    figure, (axes,) = charts(width=5.2, height=2.4)
    for part, name, colour, side in ((one, names[0], BLUE, -0.2), (other, names[1], ORANGE, 0.2)):
        widths = [_matrix(part, *shape).std().item() for shape in SHAPES]
        axes.bar(np.arange(len(SHAPES)) + side, widths, width=0.38, color=colour, label=name)
    axes.set_xticks(range(len(SHAPES)), [f"{columns} → {rows}" for rows, columns in SHAPES])
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    label(axes, "inputs → outputs", "standard deviation")
    return figure


def xavier() -> Figure:
    """The more inputs and outputs together, the narrower: both distributions have one width."""
    return _by_shape(Xavier(), Xavier(distribution="normal"), ("uniform", "normal"))


def he() -> Figure:
    """The more inputs (or outputs, if asked), the narrower."""
    return _by_shape(He(), He(fan="out"), ("fan: in", "fan: out"))


def lecun() -> Figure:
    """The more inputs, the narrower; He's is √2 wider, for what a ReLU takes away."""
    return _by_shape(Lecun(), He(), ("lecun", "he"))


def orthogonal() -> Figure:
    """Singular values of an orthogonal matrix, of its 50th power, and of those of a normal draw."""
    figure, (left, right) = charts(2, width=5.6, height=2.4)
    normal = Normal(standard_deviation=1 / 8)
    for axes, power, title in ((left, 1, "W"), (right, 50, "W⁵⁰")):
        for part, name, colour in ((Orthogonal(), "orthogonal", BLUE), (normal, "normal", GREY)):
            matrix = torch.linalg.matrix_power(_matrix(part, 64, 64).double(), power)
            axes.plot(torch.linalg.svdvals(matrix).clamp(min=1e-8), color=colour, label=name)
        axes.set_yscale("log")
        label(axes, "number", "singular value", title=title)
    left.set_ylim(1e-3, 1e1)
    left.legend(fontsize=8, loc="lower left")
    return figure


def identity() -> Figure:
    """Ones on the diagonal, zeros beside it."""
    return _drawn(Identity())


def normal() -> Figure:
    """A bell."""
    return _drawn(Normal())


def truncated_normal() -> Figure:
    """A bell without its tails."""
    return _drawn(TruncatedNormal())


def uniform() -> Figure:
    """Flat between two limits."""
    return _drawn(Uniform())


def constant() -> Figure:
    """One value everywhere."""
    return _drawn(Constant(value=0.5))


def zeros() -> Figure:
    """Zero everywhere."""
    return _drawn(Zeros())


def forget_bias() -> Figure:
    """What is left of a state after a number of steps, by the bias of the forget gate: σ(b)ᵗ."""
    figure, (axes,) = charts()
    steps = np.arange(101)
    for value, colour in ((0, GREY), (1, ORANGE), (3, GREEN), (5, BLUE)):
        biases = {"forget": torch.zeros(1)}
        ForgetBias(value=value).draw_gates(biases)
        axes.plot(steps, torch.sigmoid(biases["forget"]).item() ** steps, color=colour, label=f"b = {value}")
    axes.legend(fontsize=8)
    label(axes, "steps", "share that is left", ticks=[0, 0.5, 1])
    return figure


def chrono() -> Figure:
    """What is left of the states of 16 units: forget biases of 1, and chrono up to 1000 steps."""
    figure, (left, right) = charts(2, width=5.6, height=2.4)
    steps = np.arange(0, 1001, 50)
    for axes, part, colour in ((left, ForgetBias(), ORANGE), (right, Chrono(longest=1000), BLUE)):
        torch.manual_seed(0)
        biases = {"forget": torch.zeros(16)}
        part.draw_gates(biases)
        for kept in torch.sigmoid(biases["forget"]).tolist():
            axes.plot(steps, kept**steps, color=colour, linewidth=0.8)
        label(axes, "steps", "share that is left", title=part.kind, ticks=[0, 0.5, 1])
    return figure
