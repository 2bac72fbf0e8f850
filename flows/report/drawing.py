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
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

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
_PLACEHOLDERS = {variable: placeholder for placeholder, variable in _VARIABLES.items()}
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a `$` in a column's name is no formula
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
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


_USUAL, _WIDE = 4.3, 11.2


@dataclass(frozen=True)
class Picture:
    """An SVG to stand in the page, and what it shows in words, for those who cannot see it."""

    svg: str
    alt: str
    caption: str = ""
    narrow: str | None = None
    """The same for a narrow screen, of a picture that takes the whole width of a wide one."""


def drawn(
    name: str, paint: Callable[[Figure], None], *, alt: str, caption: str = "", height: float = 2.6, wide: bool = False
) -> Picture:
    """The picture that `paint` draws on a figure of this height (inches); `name` is unique on the page."""
    svg = _painted(name, paint, _WIDE if wide else _USUAL, height)
    return Picture(svg, alt, caption, _painted(f"{name}-narrow", paint, _USUAL, height) if wide else None)


def _painted(name: str, paint: Callable[[Figure], None], width: float, height: float) -> str:
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a person's own matplotlibrc must not change the report
        matplotlib.rcParams.update({**_SETTINGS, "svg.hashsalt": name})
        figure = Figure(figsize=(width, height), layout="constrained")
        paint(figure)
        out = StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _inline(out.getvalue(), name)


def colour(name: str) -> str:
    """What to draw in, for a colour of the style sheet."""
    return _PLACEHOLDERS[name]


def calm(axes: Axes, *, ticks: int = 5) -> None:
    """Few ticks, so that a small picture stays readable."""
    axes.yaxis.set_major_locator(MaxNLocator(nbins=ticks))
    axes.tick_params(length=0)
    axes.grid(visible=False, axis="x")


def logarithmic(axes: Axes) -> None:
    """A logarithmic scale upwards, labelled with plain numbers."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(length=0, which="both")
    axes.grid(visible=False, axis="x")


_STRIPPED = (
    (r"<metadata>.*?</metadata>\s*", ""),
    (r"<style.*?</style>\s*", ""),  # its rules would hold for the whole page; the page's own sheet has them
    (r"<!--.*?-->\s*", ""),
    (r"<defs>\s*</defs>\s*", ""),
    (r'(<svg[^>]*?) width="[0-9.]+pt" height="[0-9.]+pt"', r"\1"),
    (r' (xmlns|xmlns:xlink|version)="[^"]*"', ""),
    (r'<g id="[^"]*"', "<g"),
    (r"<g>\s*</g>\s*", ""),
    (r' transform="rotate\(-0 [^)]*\)"', ""),
    (r"font-size: ([0-9.]+)px; font-family: [^;]*;", r"font-size: \1px;"),
    (r"font: ([0-9.]+)px [^;]*;", r"font-size: \1px;"),
    (r"\n\s*", "\n"),
)
_TAG = re.compile(r"<[^>]*>")
_LONG_NUMBER = re.compile(r"([0-9]\.[0-9]{2})[0-9]+")


def _inline(text: str, name: str) -> str:
    """The bare `<svg>`: sized by the page, coloured by its variables, its ids unique on the page."""
    svg = text[text.index("<svg") :].strip()
    for pattern, put in _STRIPPED:
        svg = re.sub(pattern, put, svg, flags=re.DOTALL)
    svg = _TAG.sub(lambda tag: _LONG_NUMBER.sub(r"\1", tag.group()), svg)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', rf'href="#{name}-\1"', svg).replace('xlink:href="data:', 'href="data:')
    for placeholder, variable in _VARIABLES.items():
        svg = svg.replace(placeholder, f"var(--{variable})")
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
