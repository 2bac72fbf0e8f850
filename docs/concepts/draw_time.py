"""Draws the pictures of the pages about times and categories from the code that they describe.

`python docs/concepts/draw_time.py` writes every picture beside this script, or into the folder named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import torch
from matplotlib.figure import Figure

sys.path.insert(0, str(Path(__file__).parent))

from draw_data import BLUE, GREEN, GREY, MADE_WITH, ORANGE, svg

from rnnlib.data.about import TimeAxis
from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders import Categories
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.missing import Missing, fill_missing
from rnnlib.data.roles import Roles
from rnnlib.data.times.calendar import Calendar
from rnnlib.data.times.holidays import Holidays
from rnnlib.data.times.made import DELTA, Made
from rnnlib.layer import Tokens
from rnnlib.models.category_vectors import CategoryVectors, Embedded
from rnnlib.quantities import Duration

__all__ = ["MADE_WITH", "PICTURES", "svg"]


def main() -> None:
    """Draws everything."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, draw in PICTURES.items():
        (folder / f"{name}.svg").write_text(svg(draw))


def _micro(*moments: datetime) -> np.ndarray:
    return np.array(moments, "datetime64[us]").astype(np.int64)


def calendar() -> Figure:
    """The hour as two waves; the days to and since a holiday."""
    figure = Figure(figsize=(6.4, 2.2))
    left, right = figure.subplots(1, 2)
    hours = _micro(*(datetime(2024, 5, 13) + timedelta(hours=hour) for hour in range(49)))
    for column, colour in zip(Calendar(cycles=("hour",)).columns(hours, TimeAxis()), (BLUE, ORANGE), strict=True):
        left.plot(column.values, color=colour, label=column.name)
    left.set(xticks=[0, 24, 48], xlabel="hour", title="cycles: [hour]", ylim=(-1.1, 1.6))
    left.legend(frameon=False, ncols=2, loc="upper right", fontsize=8)
    days = _micro(*(datetime(2024, 5, day) for day in range(8, 29)))
    made = Calendar(holidays=Holidays(country="NO", within=4)).columns(days, TimeAxis(kind="date"))
    for column, colour in zip(made, (GREY, BLUE, ORANGE), strict=True):
        right.step(np.arange(8, 29), column.values, where="mid", color=colour, label=column.name)
    right.set(
        xticks=[9, 17, 20, 28], xlabel="May 2024 in Norway", title="holidays: {country: NO, within: 4}", ylim=(-0.2, 9)
    )
    right.legend(frameon=False, loc="upper right", fontsize=8)
    figure.tight_layout()
    return figure


def _sky(*skies: str) -> DataSet:
    frame = pl.DataFrame({"y": np.zeros(len(skies)), "sky": skies})
    return frame_to_dataset(frame, Roles(target=("y",), past=("sky",), categorical=("sky",)), file="sky.csv")


def categories() -> Figure:
    """Words, their tokens, and the vectors of these."""
    fitted = Categories().fit(_sky("rain", "sun", "rain", "fog", "rain", "sun"))
    shown = ("sun", "hail", "rain", "fog")
    tokens = fitted.apply(_sky(*shown)).raw[:, 1].astype(int)
    torch.manual_seed(5)
    table = CategoryVectors(Embedded((Tokens("sky", 1, 4),), (), (), {"sky": 5})).tables[0].detach().numpy()
    figure = Figure(figsize=(5.6, 2.0))
    axes = figure.subplots()
    axes.imshow(table[tokens], cmap="RdBu", vmin=-0.12, vmax=0.12, extent=(3, 6, 4, 0), aspect="auto")
    for place, (word, token) in enumerate(zip(shown, tokens, strict=True)):
        axes.text(0.2, place + 0.5, word, va="center")
        axes.text(1.9, place + 0.5, str(token), va="center", color=BLUE if token else ORANGE)
    for at, text in ((0.2, "word"), (1.9, "token"), (4.5, "vector")):
        axes.text(at, -0.3, text, color=GREY, ha="left" if at < 4 else "center")
    axes.set(xlim=(0, 6), ylim=(4.1, -0.7))
    axes.axis("off")
    return figure


def missing_values() -> Figure:
    """One hole, filled in three ways."""
    days = np.arange(28)
    whole = 10 + 3 * np.sin(2 * np.pi * days / 7) + 0.1 * days
    holed = whole.copy()
    holed[15:20] = np.nan
    figure = Figure(figsize=(6.4, 2.1))
    axes = figure.subplots()
    axes.plot(days, holed, color=GREY, marker="o", markersize=3, label="measured")
    kinds = (("forward", ORANGE, None), ("interpolate", GREEN, None), ("seasonal", BLUE, 7))
    for fill, colour, season in kinds:
        policy = Missing.model_validate({"fill": fill, "season": season})
        filled = fill_missing(holed[:, None], np.array([0, days.size]), policy)[:, 0]
        axes.plot(days[15:20], filled[15:20], color=colour, marker=".", linestyle="--", label=fill)
    axes.set(xlabel="day", ylim=(6, 18))
    axes.legend(frameon=False, ncols=4, loc="upper left", fontsize=8)
    return figure


def irregular_times() -> Figure:
    """Readings at uneven times, and the time since the one before."""
    gaps = np.array([0, 1, 1, 5, 2, 9, 1, 1, 4, 8, 2, 1])
    moments = [datetime(2024, 1, 1) + timedelta(days=int(days)) for days in np.cumsum(gaps)]
    frame = pl.DataFrame({"at": moments, "y": np.sin(np.cumsum(gaps) / 5)})
    made = Made(irregular=True, time_delta=Duration(1, "d"))
    data = frame_to_dataset(frame, Roles(time="at", target=("y",)), file="visits.csv", made=made)
    names = [column.name for column in data.about.columns]
    figure = Figure(figsize=(6.4, 2.1))
    left, right = figure.subplots(1, 2)
    left.plot(np.cumsum(gaps), data.raw[:, 0], color=BLUE, marker="o", markersize=3, linestyle=":")
    left.set(xlabel="day", title="the rows, at their times")
    right.bar(np.arange(gaps.size), data.raw[:, names.index(DELTA)], color=ORANGE)
    right.set(xlabel="row", title="time_delta: 1d")
    figure.tight_layout()
    return figure


PICTURES: dict[str, Callable[[], Figure]] = {
    "calendar": calendar,
    "categories": categories,
    "missing-values": missing_values,
    "irregular-times": irregular_times,
}
"""Every picture by its page's name."""

if __name__ == "__main__":
    main()
