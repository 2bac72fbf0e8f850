"""Boxes, arrows and axes in one style."""

from collections.abc import Sequence

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, BLUE, ORANGE, GREEN, RED, PALE = "#24292f", "#0969da", "#bc4c00", "#1a7f37", "#cf222e", "#eef2f7"
GREY = "#8c959f"

mpl.rcParams.update(
    {
        "svg.hashsalt": "rnnlib",  # ids that do not change from drawing to drawing
        "svg.fonttype": "none",  # text stays text: small files, and readable by a screen reader
        "font.family": "sans-serif",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": GREY,
        "text.color": INK,
        "axes.labelcolor": INK,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
    }
)

Point = tuple[float, float]


def plain(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty sheet whose units are inches."""
    figure = plt.figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return figure, axes


def charts(columns: int = 1, width: float = 5.2, height: float = 2.6) -> tuple[Figure, list[Axes]]:
    """A row of charts."""
    figure, axes = plt.subplots(1, columns, figsize=(width, height), layout="constrained", squeeze=False)
    return figure, list(axes[0])


def box(axes: Axes, at: Point, text: str, *, size: Point = (0.8, 0.45), colour: str = PALE) -> None:
    """A box with its middle at `at`."""
    corner = (at[0] - size[0] / 2, at[1] - size[1] / 2)
    axes.add_patch(plt.Rectangle(corner, *size, facecolor=colour, edgecolor=INK, linewidth=1))
    axes.text(*at, text, ha="center", va="center", color="white" if colour not in (PALE, "white") else INK)


def ring(axes: Axes, at: Point, text: str, *, radius: float = 0.16, colour: str = "white") -> None:
    """A small circle: an operation, or a value."""
    axes.add_patch(plt.Circle(at, radius, facecolor=colour, edgecolor=INK, linewidth=1))
    axes.text(*at, text, ha="center", va="center_baseline", color="white" if colour not in ("white", PALE) else INK)


def arrow(axes: Axes, *points: Point, colour: str = INK, label: str = "", offset: Point = (0, 0.12)) -> None:
    """A line through `points` with a head at its end."""
    axes.plot(*zip(*points[:-1], strict=True), color=colour, linewidth=1.3, solid_capstyle="round")
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=points[-1], xytext=points[-2], arrowprops=style)
    if label:
        middle = [(a + b) / 2 + o for a, b, o in zip(points[0], points[1], offset, strict=True)]
        axes.text(*middle, label, ha="center", va="center", color=colour)


def note(axes: Axes, at: Point, text: str, colour: str = INK) -> None:
    """Text with its middle at `at`."""
    axes.text(*at, text, ha="center", va="center", color=colour)


def label(axes: Axes, x: str, y: str, *, title: str = "", ticks: Sequence[float] | None = None) -> None:
    """Names a chart's axes."""
    axes.set(xlabel=x, ylabel=y, title=title)
    if ticks is not None:
        axes.set_yticks(ticks)
