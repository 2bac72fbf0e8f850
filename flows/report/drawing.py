"""Pictures as inline SVG whose colours follow the page: light, dark and print."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Each stands for a colour of the page's style sheet; the SVG names the variable in its place.
INK, FAINT, GRID, MODEL, BASELINE, OTHER, THIRD, TRAIN, VALIDATION, TEST = (
    f"#0{number:x}0d1{number:x}" for number in range(10)
)
_VARIABLES = dict(
    zip(
        (INK, FAINT, GRID, MODEL, BASELINE, OTHER, THIRD, TRAIN, VALIDATION, TEST),
        ("ink", "faint", "grid", "model", "baseline", "other", "third", "train", "validation", "test"),
        strict=True,
    )
)
_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.formatter.useoffset": False,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "path.simplify_threshold": 0.4,
}


@dataclass(frozen=True)
class Picture:
    """An SVG to stand in the page, and what it shows in words, for those who cannot see it."""

    svg: str
    alt: str
    caption: str = ""
    wide: bool = False


def drawn(
    name: str,
    paint: Callable[[Figure], None],
    *,
    alt: str,
    caption: str = "",
    width: float = 5.4,
    height: float = 3.0,
    wide: bool = False,
) -> Picture:
    """The picture that `paint` draws on a figure of this size (inches); `name` is unique on the page."""
    with matplotlib.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=(width, height), layout="constrained")
        paint(figure)
        out = StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return Picture(_inline(out.getvalue(), name), alt, caption, wide)


def calm(axes: Axes, *, ticks: int = 5) -> None:
    """Few ticks, so that a small picture stays readable."""
    axes.yaxis.set_major_locator(MaxNLocator(nbins=ticks))
    axes.tick_params(length=0)
    axes.grid(visible=False, axis="x")


def _inline(text: str, name: str) -> str:
    """The bare `<svg>`: sized by the page, coloured by its variables, its ids unique on the page."""
    svg = text[text.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (width|height)="[0-9.]+pt"', "", svg, count=2)
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace(
        ' xmlns="http://www.w3.org/2000/svg"', ""
    )
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    svg = re.sub(r"font: ([0-9.]+)px [^;\"]+", r"font-size: \1px", svg)
    for placeholder, variable in _VARIABLES.items():
        svg = svg.replace(placeholder, f"var(--{variable})")
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
