"""The forecast through time: what was said a whole horizon ahead, beside what came."""

from __future__ import annotations

from functools import partial

import polars as pl
from matplotlib.figure import Figure

from flows.report.axes import along, timed
from flows.report.drawing import INK, MODEL, Picture, calm, drawn
from flows.report.wording import counted
from rnnlib.data.dataset import DataSet

_MOST = 400


def through_time(predictions: pl.DataFrame, data: DataSet, place: int) -> list[Picture]:
    """The first series' last step of every window, the latest windows where there are very many."""
    column, series = predictions["column"][0], predictions["series"][0]
    step = int(predictions["step"].max())  # type: ignore[arg-type]
    chosen = (pl.col("column") == column) & (pl.col("series") == series) & (pl.col("step") == step)
    lines = predictions.filter(chosen).sort("row").tail(_MOST)
    if lines.height < 3:
        return []
    ahead = f"{counted(step, 'step')} ahead"
    of = f" of {series}" if len(data.lengths) > 1 else ""
    picture = drawn(
        f"through{place}",
        partial(_paint, lines=lines, data=data, column=column),
        alt=f"{column}{of} through time, and what was forecast {ahead}.",
        caption=f"{column}{of} through time, and what was forecast {ahead} ({counted(lines.height, 'window')})",
        wide=True,
    )
    return [picture]


def _paint(figure: Figure, lines: pl.DataFrame, data: DataSet, column: str) -> None:
    axes, at = figure.add_subplot(), along(data, lines["row"].to_numpy())
    axes.plot(at, lines["truth"].to_numpy(), color=INK, linewidth=1.2)
    axes.plot(at, lines["forecast"].to_numpy(), color=MODEL, linewidth=1.2)
    calm(axes)
    timed(axes, at, ticks=9 if figure.get_figwidth() > 6 else 7)
    axes.margins(x=0.01)
    unit = next(found.unit for found in data.about.columns if found.name == column)
    axes.set_ylabel(unit or "")
