"""The gradients that a training looked at: along time, and layer by layer as training goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from flows.report.drawing import BASELINE, FAINT, INK, MODEL, OTHER, THIRD, Picture, calm, drawn, logarithmic

_COLOURS = (MODEL, BASELINE, OTHER, THIRD, INK, FAINT)

Seen = Mapping[str, Any]
"""One look, as `history.json` has it."""


def gradient_pictures(name: str, history: Mapping[str, Any]) -> list[Picture]:
    """The pictures of the looks in a `history.json`; none where there are no looks. `name` is unique on the page."""
    looks: Sequence[Seen] = history.get("gradients", {}).get("seen", [])
    pictures = []
    if looks and _positive(norm for one in looks[-1]["along"].values() for norm in one["norms"]):
        pictures.append(
            drawn(
                f"{name}-along",
                lambda figure: _along(figure, looks),
                alt=f"Gradient of the loss by the states of recurrent layers, by steps back. {_in_words(looks[-1])}",
                caption="Gradient by the states, by steps back from the end: last look, and dashed the first",
            )
        )
    if looks and _positive(norm for look in looks for norm in look["layers"].values()):
        pictures.append(
            drawn(
                f"{name}-layers",
                lambda figure: _layers(figure, looks),
                alt="Norm of the gradient of each layer's weights, by epoch.",
                caption="Norm of the gradient of each layer's weights",
            )
        )
    return pictures


def warnings(history: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with the gradients, and what to try."""
    return tuple(flag["message"] for flag in history.get("gradients", {}).get("flags", []))


def _along(figure: Figure, looks: Sequence[Seen]) -> None:
    axes = figure.add_subplot()
    for colour, layer in zip(_COLOURS, looks[-1]["along"], strict=False):
        for look, style in ((looks[0], (0, (3, 3))), (looks[-1], "solid")):
            steps, norms = look["along"][layer]["steps"], _shown(look["along"][layer]["norms"])
            label = layer if look is looks[-1] else None
            back = steps[-1] - np.array(steps)
            axes.plot(back, norms, color=colour, linestyle=style, label=label, marker="o" if len(back) < 3 else None)
    axes.invert_xaxis()
    axes.set_xlabel("steps back")
    _scaled(axes)


def _layers(figure: Figure, looks: Sequence[Seen]) -> None:
    axes = figure.add_subplot()
    at = np.arange(len(looks))
    for colour, layer in zip(_COLOURS, looks[-1]["layers"], strict=False):
        norms = _shown([look["layers"][layer] for look in looks])
        axes.plot(at, norms, color=colour, label=layer, marker="o" if len(looks) < 3 else None)
    shown = np.unique(np.linspace(0, len(looks) - 1, min(6, len(looks))).round().astype(int))
    axes.set_xticks(shown, [str(looks[place]["epoch"]) for place in shown])
    axes.set_xlabel("epoch of the look")
    _scaled(axes)


def _scaled(axes: Axes) -> None:
    norms = np.concatenate([np.asarray(line.get_ydata(), float) for line in axes.get_lines()])
    known = norms[np.isfinite(norms)]
    if known.max() > 10 * known.min():
        logarithmic(axes)
    else:
        calm(axes)
    if axes.get_xlabel() == "steps back":
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
    axes.legend(loc="best")


def _shown(norms: Sequence[float | None]) -> np.ndarray[Any, Any]:
    """What can stand on a logarithmic scale."""
    values = np.array([np.nan if norm is None else norm for norm in norms], float)
    return np.where(values > 0, values, np.nan)


def _positive(norms: Any) -> bool:
    return any(norm is not None and norm > 0 for norm in norms)


def _in_words(look: Seen) -> str:
    ends = (
        f"In {layer} it is {_told(one['norms'][0])} at the start and {_told(one['norms'][-1])} at the end."
        for layer, one in look["along"].items()
    )
    return " ".join(ends)


def _told(norm: float | None) -> str:
    return "infinite" if norm is None else f"{norm:.1e}"
