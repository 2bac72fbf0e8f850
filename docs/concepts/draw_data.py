"""Draws the pictures of the data pages from the shipped data and the code that the pages describe.

`python docs/concepts/draw_data.py` writes every picture beside this script, or into the folder named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import matplotlib
import numpy as np
import polars as pl
import torch
from jaxtyping import Float64
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from rnnlib.data.augmentations import Augmentation, ChannelRotation, Jitter, Scaling, SignFlip, Windows, WindowSlice
from rnnlib.data.batching.windows import window_starts
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.normalizers import Log1p, MaxAbs, MinMax, Normalizer, Robust, Standard
from rnnlib.data.roles import Roles
from rnnlib.data.splits import ByRandom, ByTime, split

MADE_WITH = "3.11.2"
"""The version of matplotlib that the committed pictures were drawn with."""

DATA = Path(__file__).parents[2] / "pipelines" / "data"
BLUE, ORANGE, GREEN, RED, GREY = "#3366aa", "#dd7722", "#338855", "#bb3344", "#999999"
PART = {PartOf.train: BLUE, PartOf.validation: ORANGE, PartOf.test: GREEN}
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rnnlib",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "lines.linewidth": 1.0,
    "path.simplify_threshold": 0.5,
}

Line = Float64[ndarray, " rows"]


def main() -> None:
    """Draws everything."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, draw in PICTURES.items():
        (folder / f"{name}.svg").write_text(svg(draw))


def svg(draw: Callable[[], Figure]) -> str:
    """One picture as text, the same every time."""
    from io import StringIO

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever else set in this process, or in a person's own matplotlibrc
        matplotlib.rcParams.update(STYLE)
        text = StringIO()
        draw().savefig(text, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


# --- normalizers -----------------------------------------------------------------------------------------------------


def _sunspots(first: int, last: int) -> tuple[Line, Line]:
    frame = pl.read_csv(DATA / "sunspots.csv", try_parse_dates=True)
    frame = frame.filter(pl.col("month").dt.year().is_between(first, last)).gather_every(2)
    years = frame["month"].dt.year() + (frame["month"].dt.month() - 1) / 12
    return years.to_numpy(), frame["sunspots"].to_numpy()


def _normalizer(normalizer: Normalizer, values: Line, years: Line, levels: dict[str, float], unit: str) -> Figure:
    """The series in data units with what is measured on its train rows, and in model units."""
    train = years < years[0] + 0.7 * (years[-1] - years[0])
    group = np.zeros(len(values), np.int64)
    state = normalizer.fit(values[train][:, None], group[train], ("all",), ("x",))
    units = state.apply(values[:, None], group)[:, 0]
    figure = Figure(figsize=(7, 2.3), layout="tight")
    left, right = figure.subplots(1, 2)
    for axes, line in ((left, values), (right, units)):
        axes.plot(years[train], line[train], color=BLUE)
        axes.plot(years[~train], line[~train], color=GREY)
        axes.set_xlabel("year")
    for name, level in levels.items():
        left.axhline(level, color=ORANGE, linestyle="--", linewidth=0.8)
        left.annotate(f" {name}", (left.get_xlim()[1], level), color=ORANGE, va="center", annotation_clip=False)
    left.set_title(f"data units ({unit}); blue: train rows")
    right.set_title("model units")
    right.axhline(0, color=GREY, linewidth=0.5)
    return figure


def normalisation() -> Figure:
    """Three columns whose sizes have nothing in common, brought to one."""
    years, values = _sunspots(1950, 1990)
    columns = np.stack([values, 1e-3 * np.diff(values, prepend=values[0]), 1000 + 5 * np.sin(years)], axis=1)
    group = np.zeros(len(values), np.int64)
    state = Standard().fit(columns, group, ("all",), ("a", "b", "c"))
    figure = Figure(figsize=(7, 2.3), layout="tight")
    for axes, shown, title in zip(
        figure.subplots(1, 2), (columns, state.apply(columns, group)), ("data units", "model units"), strict=True
    ):
        for column, colour in enumerate((BLUE, ORANGE, GREEN)):
            axes.plot(years, shown[:, column], color=colour)
        axes.set_title(title)
        axes.set_xlabel("year")
    return figure


def standard() -> Figure:
    """Mean and one standard deviation."""
    years, values = _sunspots(1950, 2008)
    seen = values[years < 1950 + 0.7 * (years[-1] - 1950)]
    mean, sigma = seen.mean(), seen.std()
    levels = {"mean + σ": mean + sigma, "mean": mean, "mean − σ": mean - sigma}
    return _normalizer(Standard(), values, years, levels, "sunspot number")


def minmax() -> Figure:
    """The range."""
    years, values = _sunspots(1900, 1960)
    seen = values[years < 1900 + 0.7 * (years[-1] - 1900)]
    return _normalizer(MinMax(), values, years, {"max": seen.max(), "min": seen.min()}, "sunspot number")


def robust() -> Figure:
    """Median and quartiles."""
    years, values = _sunspots(1950, 2008)
    seen = values[years < 1950 + 0.7 * (years[-1] - 1950)]
    low, middle, high = np.quantile(seen, (0.25, 0.5, 0.75))
    return _normalizer(Robust(), values, years, {"75 %": high, "median": middle, "25 %": low}, "sunspot number")


def maxabs() -> Figure:
    """The largest magnitude, of a series that goes both ways."""
    years, values = _sunspots(1950, 2008)
    years, change = years[1:], np.diff(values)
    largest = np.abs(change[years < years[0] + 0.7 * (years[-1] - years[0])]).max()
    levels = {"max |x|": largest, "−max |x|": -largest}
    return _normalizer(MaxAbs(), change, years, levels, "change of the sunspot number")


def log1p() -> Figure:
    """Counts that grow: equal factors become equal steps."""
    frame = pl.read_csv(DATA / "airline.csv", try_parse_dates=True)
    years = (frame["month"].dt.year() + (frame["month"].dt.month() - 1) / 12).to_numpy()
    values = frame["passengers"].cast(pl.Float64).to_numpy()
    return _normalizer(Log1p(then=Standard()), values, years, {}, "thousand passengers")


# --- split, window, leakage ------------------------------------------------------------------------------------------


def _weeks(every: int = 1) -> DataSet:
    frame = pl.read_csv(DATA / "co2.csv", try_parse_dates=True).drop_nulls().gather_every(every)
    return frame_to_dataset(frame.select("co2"), Roles(target=("co2",)), file="co2.csv")


def splits() -> Figure:
    """By time: the last rows of every series; at random: whole sequences."""
    figure = Figure(figsize=(7, 2.4), layout="tight")
    left, right = figure.subplots(1, 2)
    lengths = (60, 44, 52)
    rows = pl.DataFrame({"s": [f"{n}" for n, length in enumerate(lengths) for _ in range(length)]})
    series = frame_to_dataset(
        rows.with_columns(v=pl.int_range(pl.len()) * 1.0), Roles(series="s", target=("v",)), file=""
    )
    _bars(left, split(series, ByTime(validation=10, test=10), 0), "by: time", "series", "row")
    sizes = (7, 5, 9, 6, 8, 5, 7, 9, 6, 8, 7, 6)
    rows = pl.DataFrame({"s": [f"{n}" for n, size in enumerate(sizes) for _ in range(size)]})
    samples = frame_to_dataset(
        rows.with_columns(v=pl.int_range(pl.len()) * 1.0, label=pl.lit(0.5)),
        Roles(sample="s", features=("v",), label="label"),
        file="",
    )
    _bars(right, split(samples, ByRandom(validation=0.2, test=0.2), 1), "by: random", "sequence", "row")
    for part, color in PART.items():
        left.barh(0, 0, color=color, label=part.name)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure


def _bars(axes: Axes, data: DataSet, title: str, what: str, along: str) -> None:
    assert data.part is not None
    for number, (first, last) in enumerate(zip(data.offsets[:-1], data.offsets[1:], strict=True)):
        for part, color in PART.items():
            rows = np.flatnonzero(data.part[first:last] == part)
            if rows.size:
                axes.barh(number, rows.size, left=rows[0], color=color, height=0.7)
    axes.set(title=title, xlabel=along, ylabel=what, yticks=[])
    axes.invert_yaxis()


def window() -> Figure:
    """Windows of two parts: each belongs to the part that holds its whole horizon."""
    data = split(_weeks(13), ByTime(test=40), 0).with_about(window={"context": 24, "horizon": 8, "stride": 8})
    figure = Figure(figsize=(7, 2.8), layout="tight")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 3))
    cut = data.rows - 40
    above.plot(np.arange(cut), data.raw[:cut, 0], color=BLUE)
    above.plot(np.arange(cut, data.rows), data.raw[cut:, 0], color=GREEN)
    above.set(ylabel="ppm")
    line = 0
    for part in (PartOf.train, PartOf.test):
        examples = window_starts(data, part)
        for start in examples.start[-5:]:
            below.barh(line, 24, left=start, color=GREY, height=0.6)
            below.barh(line, 8, left=start + 24, color=PART[part], height=0.6)
            line += 1
    for axes in (above, below):
        axes.axvline(cut - 0.5, color=RED, linestyle="--", linewidth=0.8)
    below.set(yticks=[], xlabel="row", xlim=(60, data.rows + 1))
    below.set_title("grey: context; blue and green: horizons of train and test windows; red: the cut")
    below.invert_yaxis()
    return figure


def leakage() -> Figure:
    """A mean over all rows knows the future."""
    frame = pl.read_csv(DATA / "co2.csv", try_parse_dates=True).drop_nulls().gather_every(4)
    years = (frame["date"] - date(1958, 1, 1)).dt.total_days().to_numpy() / 365.25 + 1958
    values = frame["co2"].to_numpy()
    train = years < 1990
    figure = Figure(figsize=(7, 2.4), layout="tight")
    axes = figure.subplots()
    axes.plot(years[train], values[train], color=BLUE, label="train")
    axes.plot(years[~train], values[~train], color=GREEN, label="test")
    for name, level, color in (
        ("mean of the train rows", values[train].mean(), BLUE),
        ("mean of all rows: a leak", values.mean(), RED),
    ):
        axes.axhline(level, color=color, linestyle="--", linewidth=0.8)
        axes.annotate(name, (2002, level), color=color, va="bottom", ha="right")
    axes.set(xlabel="year", ylabel="CO2, ppm")
    return figure


# --- augmentations ---------------------------------------------------------------------------------------------------


def _windows() -> Windows:
    """Eight years of two columns in model units, the last two of them a horizon."""
    _, values = _sunspots(1975, 2008)
    units = (values - values.mean()) / values.std()
    smooth = np.convolve(units, np.ones(7) / 7, mode="same")
    pair = np.stack([units, smooth], axis=1)[12:]
    values_ = torch.tensor(np.stack([pair[at : at + 48] for at in (0, 64, 128)]), dtype=torch.float32)
    return Windows(values_, context=36)


def _augmentation(op: Augmentation, *, horizon: bool) -> Figure:
    """Before (grey) and after, three windows beside each other."""
    before = _windows()
    if not horizon:
        before = Windows(before.values, context=before.values.shape[1])
    after = op(before, torch.Generator().manual_seed(2))
    figure = Figure(figsize=(7, 1.9), layout="tight")
    for axes, old, new in zip(figure.subplots(1, 3, sharey=True), before.values, after.values, strict=True):
        for column, color in ((0, BLUE), (1, ORANGE)):
            axes.plot(old[:, column], color=GREY, linewidth=0.8)
            axes.plot(new[:, column], color=color)
        if horizon:
            axes.axvline(before.context - 0.5, color=RED, linestyle="--", linewidth=0.8)
        axes.set(xlabel="step")
    return figure


def jitter() -> Figure:
    """Noise up to the present (red)."""
    return _augmentation(Jitter(sigma=0.3), horizon=True)


def scaling() -> Figure:
    """One factor for each column, over context and horizon."""
    return _augmentation(Scaling(sigma=0.3), horizon=True)


def sign_flip() -> Figure:
    """Some windows upside down."""
    return _augmentation(SignFlip(), horizon=True)


def channel_rotation() -> Figure:
    """Columns trade places."""
    return _augmentation(ChannelRotation(probability=1.0), horizon=False)


def window_slice() -> Figure:
    """A stretch, stretched back."""
    return _augmentation(WindowSlice(share=0.7), horizon=False)


PICTURES: dict[str, Callable[[], Figure]] = {
    "normalisation": normalisation,
    "standard": standard,
    "minmax": minmax,
    "robust": robust,
    "maxabs": maxabs,
    "log1p": log1p,
    "split": splits,
    "window": window,
    "leakage": leakage,
    "jitter": jitter,
    "scaling": scaling,
    "sign_flip": sign_flip,
    "channel_rotation": channel_rotation,
    "window_slice": window_slice,
}

if __name__ == "__main__":
    main()
