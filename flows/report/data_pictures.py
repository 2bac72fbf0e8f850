"""Pictures of the data: its parts on a time line, its classes, its labels."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from flows.report.axes import along, runs, thinned, timed
from flows.report.drawing import BASELINE, INK, MODEL, OTHER, TEST, TRAIN, VALIDATION, Picture, calm, drawn
from flows.report.examples import example_pictures
from rnnlib.data.dataset import DataSet, PartOf

_PARTS = (PartOf.train, PartOf.validation, PartOf.test)
_COLOURS = {PartOf.train: TRAIN, PartOf.validation: VALIDATION, PartOf.test: TEST, PartOf.nowhere: BASELINE}
_MOST_SERIES, _MOST_CLASSES, _MOST_BARS, _MOST_LINES = 3, 6, 24, 3


def time_line(data: DataSet) -> Picture:
    """The first target of the first series over time, with the parts behind it and gaps where values are missing."""
    shown = min(len(data.lengths), _MOST_SERIES)
    column = (data.having("target") or data.measurable)[0]
    name, split = data.about.columns[column].name, data.part is not None
    return drawn(
        "time-line",
        lambda figure: _lines(figure, data, column, shown),
        alt=f"`{name}` over time{', with the rows of train, validation and test marked' if split else ''}.",
        caption=f"{name} over time ({_series(data, shown)}){', and the parts it is split into' if split else ''}",
        height=0.6 + 1.8 * shown,
        wide=True,
    )


def _series(data: DataSet, shown: int) -> str:
    if len(data.lengths) == 1:
        return "one series"
    return f"{shown} of {len(data.lengths)} series" if len(data.lengths) > shown else f"all {shown} series"


def _lines(figure: Figure, data: DataSet, column: int, shown: int) -> None:
    panels = np.atleast_1d(figure.subplots(shown, 1, sharex=data.times is not None))
    for sequence, axes in enumerate(panels):
        rows = np.arange(data.offsets[sequence], data.offsets[sequence + 1])
        if not len(rows):
            continue
        at, values = along(data, rows), np.asarray(data.raw[rows, column])
        if data.observed is not None:
            values = np.where(data.observed[rows, column], values, np.nan)
        _bands(axes, data, rows)
        axes.plot(*thinned(at, values), color=INK, linewidth=1.0)
        calm(axes, ticks=4)
        timed(axes, at, ticks=9 if figure.get_figwidth() > 6 else 7)
        axes.margins(x=0.01)
        if shown > 1:
            axes.set_title(str(data.sequences["key"][sequence]))
        unit = data.about.columns[column].unit
        axes.set_ylabel(unit or "")


def _bands(axes: Axes, data: DataSet, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    if data.part is None:
        return
    at = along(data, rows)
    ends = np.append(at, at[-1] + (at[-1] - at[-2] if len(at) > 1 else 0))
    for number, first, end in runs(np.asarray(data.part)[rows]):
        part = PartOf(number)
        if part in _PARTS:
            axes.axvspan(ends[first], ends[end], color=_COLOURS[part], alpha=0.22, linewidth=0)


def label_pictures(data: DataSet) -> tuple[Picture, ...]:
    """Labels by part, and one train sequence of each class; numbers as labels get a histogram."""
    labels, examples = data.sequences["label"], _first_of_each(data)
    if not len(labels.drop_nulls()):
        return ()
    numeric = labels.dtype.is_numeric() and labels.n_unique() > _MOST_BARS
    split = " by part" if data.part is not None else ""
    by_part = drawn(
        "labels",
        lambda figure: (_histogram if numeric else _class_bars)(figure, data),
        alt=f"Labels of the sequences{split}." if numeric else f"Number of sequences of each class{split}.",
        caption=f"Labels{split}" if numeric else f"Sequences of each class{split}",
        height=3.4,
    )
    if not examples:
        return (by_part,)
    own = example_pictures(data, examples)
    return (by_part, *((_example_picture(data, examples),) if own is None else own))


def _example_picture(data: DataSet, examples: dict[str, int]) -> Picture:
    return drawn(
        "examples",
        lambda figure: _examples(figure, data, examples),
        alt=f"A train sequence of each of these labels: {', '.join(examples)}.",
        caption="Some train sequences",
        height=3.4,
    )


def _by_part(data: DataSet) -> list[tuple[PartOf, pl.Series]]:
    if data.part is None:
        return [(PartOf.nowhere, data.sequences["label"].drop_nulls())]
    found = []
    for part in _PARTS:
        sequences = np.unique(data.sequence_of_row[data.rows_of(part)])
        if len(sequences):
            found.append((part, data.sequences["label"].gather(sequences).drop_nulls()))
    return found


def _class_bars(figure: Figure, data: DataSet) -> None:
    axes, parts = figure.add_subplot(), _by_part(data)
    counts = data.sequences["label"].drop_nulls().value_counts(sort=True)
    labels = counts["label"].head(_MOST_BARS).sort().to_list()
    left = np.zeros(len(labels))
    for part, found in parts:
        sizes = np.array([int((found == label).sum()) for label in labels])
        axes.bar(range(len(labels)), sizes, bottom=left, width=0.75, color=_COLOURS[part], label=part.name, alpha=0.85)
        left += sizes
    axes.set_xticks(range(len(labels)), [_short(label) for label in labels], rotation=45 if _wide(labels) else 0)
    calm(axes)
    if data.part is not None:
        axes.set_ylim(0, left.max() * 1.22)
        axes.legend(loc="upper right", ncols=3)


def _wide(labels: list[object]) -> bool:
    return sum(len(_short(label)) + 2 for label in labels) > 60


def _short(label: object) -> str:
    text = str(label)
    return text if len(text) <= 14 else f"{text[:13]}…"


def _histogram(figure: Figure, data: DataSet) -> None:
    axes, parts = figure.add_subplot(), _by_part(data)
    together = np.concatenate([found.to_numpy() for _, found in parts])
    bins = np.histogram_bin_edges(together, bins=min(30, max(5, len(together) // 5)))
    colours = [_COLOURS[part] for part, _ in parts]
    names = [part.name for part, _ in parts]
    values = [found.to_numpy() for _, found in parts]
    axes.hist(values, bins=list(bins), stacked=True, color=colours, label=names, alpha=0.85)
    calm(axes)
    if data.part is not None:
        axes.legend(loc="upper right")


def _first_of_each(data: DataSet) -> dict[str, int]:
    """The first train sequence of a few labels."""
    train = np.unique(data.sequence_of_row[data.rows_of(PartOf.train)])
    labels = data.sequences["label"].cast(pl.String).gather(train).to_list()
    pairs = reversed(list(zip(labels, train.tolist(), strict=True)))
    firsts = {label: sequence for label, sequence in pairs if label is not None}
    return dict(sorted(firsts.items())[:_MOST_CLASSES])


def _examples(figure: Figure, data: DataSet, chosen: dict[str, int]) -> None:
    panels = figure.subplots(-(-len(chosen) // 3), min(3, len(chosen)), sharex=True, sharey=True, squeeze=False).ravel()
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    for axes, (label, sequence) in zip(panels, chosen.items(), strict=False):
        # codes of words and tokens are no heights
        _one(axes, np.asarray(data.raw[data.offsets[sequence] : data.offsets[sequence + 1]])[:, data.measurable])
        axes.set_title(_short(label))


def _one(axes: Axes, values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    """A few features as lines over time, many as a map: one row per step, one column per feature."""
    calm(axes, ticks=3)
    if values.shape[1] > _MOST_LINES:
        axes.imshow(values, cmap="cividis", aspect="auto", interpolation="nearest")
        axes.grid(visible=False)
        return
    for column, colour in zip(range(values.shape[1]), (MODEL, BASELINE, OTHER), strict=False):
        axes.plot(values[:, column], color=colour, linewidth=1.2)
