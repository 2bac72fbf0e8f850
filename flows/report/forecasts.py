"""Forecasts against truth, the error at each step of the horizon, and which series are forecast well."""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from flows.report.axes import along, timed
from flows.report.data import data_step
from flows.report.drawing import FAINT, INK, MODEL, Picture, calm, colour, drawn
from flows.report.facts import RunFacts
from flows.report.scores import Evaluation, best_baseline, headline_part
from flows.report.through_time import through_time
from flows.report.windows import Window, chosen
from flows.report.wording import named, number, started
from rnnlib.data.dataset import DataSet

COLOURS = {"model": "model", "seasonal_naive": "baseline", "naive": "other", "drift": "third"}
"""The colour of each line, by its name in the style sheet."""


_SHORTEST = 4
"""Steps below which a window by itself shows nothing."""


class SeriesLine(NamedTuple):
    """The headline score of one series, beside that of the best baseline."""

    series: str
    cases: str
    model: str
    baseline: str
    won: bool


def forecast_pictures(run: RunFacts, evaluation: Evaluation, place: int) -> list[Picture]:
    """Some windows of the headline part, and all of them through time; a short horizon is seen through time only."""
    file, data = evaluation.step.file("predictions.parquet"), _data(run, evaluation)
    if file is None or data is None:
        return []
    part = headline_part(evaluation.scores)
    baseline = best_baseline(evaluation.scores, part, evaluation.scores["metrics"][0])
    predictions = pl.read_parquet(file).filter(pl.col("part") == part)
    short = (data.about.window or {}).get("horizon", 0) < _SHORTEST
    windows = [
        drawn(
            f"forecast{place}-{rank}",
            partial(_paint, data=data, window=window, baseline=baseline),
            alt=f"{_title(window, data)}: truth, forecast{f' and {named(baseline)}' if baseline else ''}.",
            caption=_title(window, data),
        )
        for rank, window in enumerate([] if short else chosen(predictions))
    ]
    return [*windows, *through_time(predictions, data, place)]


def _data(run: RunFacts, evaluation: Evaluation) -> DataSet | None:
    step = run.holder(evaluation.origins.get("data", "")) or data_step(run)
    return None if step is None or step.folder is None else DataSet.open(step.folder)


def _title(window: Window, data: DataSet) -> str:
    series = f", series {window.lines['series'][0]}" if len(data.lengths) > 1 else ""
    error = (window.lines["forecast"] - window.lines["truth"]).abs().mean()
    return f"{started(window.rank)}{series}: off by {number(error)} on average"


def _paint(figure: Figure, data: DataSet, window: Window, baseline: str | None) -> None:
    axes, lines, rows = figure.add_subplot(), window.lines, window.rows
    column = next(place for place, found in enumerate(data.about.columns) if found.name == lines["column"][0])
    first = data.offsets[data.sequence_of_row[rows[0]]]
    context = min(data.about.window["context"] if data.about.window else len(rows), 3 * len(rows) + 8)
    before = np.arange(max(first, rows[0] - context), rows[0])
    shown = np.asarray(data.raw[before, column])
    at, past = along(data, rows), along(data, before)
    marker = "o" if len(rows) <= 30 else None
    axes.plot(past, shown, color=FAINT, linewidth=1.1)
    # the first step is joined to the last known value: a gap at the start would read as a jump
    truth = np.concatenate([shown[-1:], lines["truth"].to_numpy()])
    axes.plot(np.concatenate([past[-1:], at]), truth, color=INK, marker=marker, markersize=2.5)
    if baseline:
        dashes = (0, (4, 2))
        axes.plot(at, lines[baseline].to_numpy(), color=colour(COLOURS[baseline]), linestyle=dashes, linewidth=1.3)
    if band := _outermost(lines):
        low, high = (lines[name].to_numpy() for name in band)
        axes.fill_between(at, low, high, color=MODEL, alpha=0.18, linewidth=0)
    axes.plot(at, lines["forecast"].to_numpy(), color=MODEL, marker=marker, markersize=2.5)
    axes.axvline(at[0], color=FAINT, linewidth=0.8, linestyle=(0, (2, 3)))
    calm(axes)
    timed(axes, at)
    axes.set_ylabel(data.about.columns[column].unit or "")


def _outermost(lines: pl.DataFrame) -> tuple[str, str] | None:
    """The columns of the lowest and the highest quantile; none where the forecast is a point."""
    levels = [name for name in lines.columns if re.fullmatch(r"q[0-9.]+", name)]
    return (levels[0], levels[-1]) if len(levels) > 1 else None


def step_pictures(evaluation: Evaluation, place: int) -> list[Picture]:
    """The error at each step of the horizon, for the headline metric."""
    scores = evaluation.scores
    part, metric = headline_part(scores), scores["metrics"][0]
    steps = scores["parts"][part].get("steps", {}).get(metric)
    if not steps or len(steps["model"]) < 2:
        return []
    unit = scores["metric_units"][metric]
    first, last = number(steps["model"][0]), number(steps["model"][-1])
    picture = drawn(
        f"steps{place}",
        partial(_steps, steps=steps, label=f"{named(metric)}{f' [{unit}]' if unit else ''}"),
        alt=f"{named(metric)} by step of the horizon; the model goes from {first} to {last}.",
        caption=f"{named(metric)} on {part} by step of the horizon",
        height=3.1,
        wide=True,
    )
    return [picture]


def _steps(figure: Figure, steps: dict[str, list[float | None]], label: str) -> None:
    axes = figure.add_subplot()
    for name, values in steps.items():
        scores = np.array([np.nan if value is None else value for value in values], float)
        axes.plot(
            range(1, len(scores) + 1),
            scores,
            color=colour(COLOURS.get(name, "faint")),
            linewidth=2.2 if name == "model" else 1.3,
            marker="o" if len(scores) <= 24 else None,
            markersize=3.5,
            label=named(name),
        )
    axes.set_ylim(0, axes.get_ylim()[1] * 1.25)
    axes.set_xlim(0.5, len(steps["model"]) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=13))
    axes.set_xlabel("step of the horizon")
    axes.set_ylabel(label)
    calm(axes)
    axes.legend(loc="upper left", ncols=4 if figure.get_figwidth() > 6 else 2)


def series_lines(evaluation: Evaluation) -> list[SeriesLine]:
    """Every series' headline score beside that of the best baseline, the worst first; empty for a single series."""
    file, scores = evaluation.step.file("series.parquet"), evaluation.scores
    part, metric = headline_part(scores), scores["metrics"][0]
    baseline = best_baseline(scores, part, metric)
    if file is None or baseline is None:
        return []
    table = pl.read_parquet(file).filter((pl.col("part") == part) & (pl.col("metric") == metric))
    wide = table.pivot("by", index=["series", "cases"], values="score").drop_nulls(["model", baseline])
    ranked = wide.sort(pl.col("model") / pl.col(baseline), "series", descending=[True, False])
    lines = [(line, line["model"] < line[baseline]) for line in ranked.iter_rows(named=True) if ranked.height > 1]
    return [
        SeriesLine(line["series"], number(line["cases"]), number(line["model"]), number(line[baseline]), won)
        for line, won in lines
    ]
