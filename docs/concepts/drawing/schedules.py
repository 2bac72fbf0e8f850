"""Schedules: the factor on the learning rate at every step, by the library's own classes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREEN, GREY, ORANGE, RED, charts, label
from rnnlib.training.schedules import (
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Plateau,
    Schedule,
    SlantedTriangular,
    Span,
    Step,
)
from rnnlib.training.stretch import Stretch

SPAN = Span(epochs=20, per_epoch=10)


def _factors(schedule: Schedule, losses: Sequence[float]) -> list[float]:
    found = []
    for epoch in range(SPAN.epochs):
        factor = schedule.factors(SPAN, losses[:epoch])
        found += [factor(step) for step in range(epoch * SPAN.per_epoch, (epoch + 1) * SPAN.per_epoch)]
    return found


def _drawn(axes: Axes, schedule: Schedule, colour: str, name: str, losses: Sequence[float] = (1.0,) * 20) -> None:
    epochs = np.arange(SPAN.steps) / SPAN.per_epoch
    axes.plot(epochs, _factors(schedule, losses), color=colour, label=name)


def _page(*schedules: tuple[Schedule, str]) -> Figure:
    figure, (axes,) = charts()
    for (schedule, name), colour in zip(schedules, (BLUE, ORANGE, GREY), strict=False):
        _drawn(axes, schedule, colour, name)
    axes.set_ylim(-0.03, 1.08)
    axes.legend(fontsize=8)
    label(axes, "epoch", "factor on η")
    return figure


def schedule() -> Figure:
    """Five schedules over twenty epochs, one of them with a warm-up."""
    figure, (axes,) = charts(width=5.8)
    shown: list[tuple[str, Schedule, str]] = [
        ("constant", Constant(), GREY),
        ("step", Step(every=Stretch(epochs=7), factor=0.4), ORANGE),
        ("exponential", Exponential(factor=0.85, hold=Stretch(epochs=3)), GREEN),
        ("cosine, warm-up 3", Cosine(warmup=Stretch(epochs=3)), BLUE),
        ("one_cycle", OneCycle(), RED),
    ]
    for name, one, colour in shown:
        _drawn(axes, one, colour, name)
    axes.set_ylim(-0.03, 1.08)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    label(axes, "epoch", "factor on η")
    return figure


def step() -> Figure:
    """Steps of seven epochs, by two factors."""
    every = Stretch(epochs=7)
    return _page((Step(every=every, factor=0.5), "γ = 0.5"), (Step(every=every, factor=0.1), "γ = 0.1"))


def exponential() -> Figure:
    """A fifth less every epoch, from the first on and after a hold of four."""
    return _page(
        (Exponential(factor=0.8), "γ = 0.8"), (Exponential(factor=0.8, hold=Stretch(epochs=4)), "γ = 0.8, hold 4")
    )


def cosine() -> Figure:
    """Half a cosine to nothing, and to a tenth after a warm-up."""
    return _page((Cosine(), "φ = 0"), (Cosine(final=0.1, warmup=Stretch(epochs=3)), "φ = 0.1, warm-up 3"))


def one_cycle() -> Figure:
    """Up and down along cosines, and along straight lines."""
    return _page((OneCycle(), "cosine"), (OneCycle(curve="linear"), "linear"))


def slanted_triangular() -> Figure:
    """A short rise and a long fall."""
    return _page((SlantedTriangular(), "rise 0.1"), (SlantedTriangular(rise=0.3), "rise 0.3"))


def plateau() -> Figure:
    """A loss that stops falling, and the learning rate that follows it down."""
    figure, (axes,) = charts()
    losses = [0.2 + 0.8 * 0.6**epoch if epoch < 7 else 0.2 + 0.8 * 0.6**7 + 0.01 * (epoch % 2) for epoch in range(20)]
    axes.plot(np.arange(1, 21), losses, color=GREY, marker="o", markersize=2.5, label="validation loss")
    _drawn(axes, Plateau(patience=3, factor=0.3), BLUE, "factor, patience 3", losses)
    axes.set_ylim(-0.03, 1.08)
    axes.legend(fontsize=8)
    label(axes, "epoch", "")
    return figure
