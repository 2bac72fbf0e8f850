"""Draws the pictures of the normalizers that shape a distribution, look back, or are made of others.

`python docs/concepts/draw_normalizers.py` writes every picture beside this script, or into the folder named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Float64
from matplotlib.figure import Figure
from numpy import ndarray

from rnnlib.data.normalizers import (
    BoxCox,
    Chain,
    Columns,
    Difference,
    Normalizer,
    Quantile,
    SeasonalDifference,
    YeoJohnson,
)

sys.path.insert(0, str(Path(__file__).parent))

from draw_data import svg

DATA = Path(__file__).parents[2] / "pipelines" / "data"
BLUE, ORANGE, GREY = "#3366aa", "#dd7722", "#999999"
STANDARD = {"kind": "standard"}

Line = Float64[ndarray, " rows"]


def quantile() -> Figure:
    """Amounts with a long tail become a bell."""
    return _distributions(Quantile(), _amounts())


def box_cox() -> Figure:
    """The same amounts, by a power."""
    return _distributions(BoxCox(), _amounts())


def yeo_johnson() -> Figure:
    """Values of both signs."""
    return _distributions(YeoJohnson(), _amounts() - 2)


def difference() -> Figure:
    """Airline passengers, and the change from month to month."""
    return _lines(Difference())


def seasonal_difference() -> Figure:
    """Airline passengers, and the change from the month of the year before."""
    return _lines(SeasonalDifference(lag=12))


def chain() -> Figure:
    """Logarithms, their change over a year, on one scale."""
    links = [{"kind": "log1p"}, {"kind": "seasonal_difference", "lag": 12}, STANDARD]
    return _lines(Chain.model_validate({"of": links}))


def columns() -> Figure:
    """Two columns of one role, each by its own."""
    passengers = _passengers()[1]
    both = np.stack([passengers, np.random.default_rng(0).standard_t(2, len(passengers))], axis=1)
    of = {"passengers": {"kind": "log1p", "then": STANDARD}, "wind": {"kind": "quantile"}}
    normalizer = Columns.model_validate({"of": of})
    shown = normalizer.fit(both, _none(both), ("all",), ("passengers", "wind")).apply(both, _none(both))
    figure = Figure(figsize=(7, 2.3), layout="tight")
    for axes, values, title in zip(figure.subplots(1, 2), (both, shown), ("data units", "model units"), strict=True):
        for column, (colour, name) in enumerate(((BLUE, "passengers"), (ORANGE, "wind"))):
            axes.plot(values[:, column], color=colour, label=name)
        axes.set_title(title)
        axes.set_xlabel("row")
        axes.legend(frameon=False)
    return figure


def _amounts() -> Line:
    return np.random.default_rng(0).gamma(1.2, 2.0, 600)


def _passengers() -> tuple[Line, Line]:
    frame = pl.read_csv(DATA / "airline.csv", try_parse_dates=True)
    years = (frame["month"].dt.year() + (frame["month"].dt.month() - 1) / 12).to_numpy()
    return years, frame["passengers"].cast(pl.Float64).to_numpy()


def _none(values: Float64[ndarray, "rows columns"]) -> ndarray:
    return np.zeros(len(values), np.int64)


def _distributions(normalizer: Normalizer, values: Line) -> Figure:
    column = values[:, None]
    shown = normalizer.fit(column, _none(column), ("all",), ("x",)).apply(column, _none(column))[:, 0]
    order = np.argsort(values)
    figure = Figure(figsize=(7, 2.3), layout="tight")
    left, middle, right = figure.subplots(1, 3)
    left.hist(values, 30, color=BLUE)
    left.set_title("data units")
    middle.plot(values[order], shown[order], color=GREY)
    middle.set_title("from one to the other")
    right.hist(shown, 30, color=ORANGE)
    right.set_title("model units")
    return figure


def _lines(normalizer: Normalizer) -> Figure:
    years, values = _passengers()
    column, place = values[:, None], np.arange(len(values))
    state = normalizer.fit_along(column, _none(column), ("all",), ("x",), place)
    figure = Figure(figsize=(7, 2.3), layout="tight")
    left, right = figure.subplots(1, 2)
    left.plot(years, values, color=BLUE)
    left.set_title("thousand passengers")
    right.axhline(0, color=GREY, linewidth=0.6)
    right.plot(years, state.along(column, _none(column), place)[:, 0], color=ORANGE)
    right.set_title("model units")
    for axes in (left, right):
        axes.set_xlabel("year")
    return figure


PICTURES: dict[str, Callable[[], Figure]] = {
    "quantile-normalizer": quantile,
    "box_cox": box_cox,
    "yeo_johnson": yeo_johnson,
    "difference": difference,
    "seasonal_difference": seasonal_difference,
    "chain": chain,
    "columns": columns,
}

if __name__ == "__main__":
    for name, draw in PICTURES.items():
        Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent, f"{name}.svg").write_text(svg(draw))
