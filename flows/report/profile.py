"""A page of pictures of what sources hold, as `rnn data` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from flows.profile_tables import Lines, columns_of, facts_of, flawless, sequences_of
from flows.report.axes import along, thinned
from flows.report.data_pictures import label_pictures, time_line
from flows.report.drawing import MODEL, Picture, calm, drawn
from flows.report.examples import example_pictures, few
from rnnlib.data.dataset import DataSet
from rnnlib.metrics.seasonal import season_of

if TYPE_CHECKING:
    from flows.data import Profile

_MOST_COLUMNS, _MOST_LAGS, _BINS = 12, 200, 40
_NUMBER = re.compile(r"[-–−]?[0-9.,]*(e[-+][0-9]+)?( %)?")
_STYLE = Path(__file__).parent / "templates" / "style.css"


def write_profile(path: Path, profiles: Sequence[Profile]) -> None:
    """Writes one self-contained page about a pipeline; everything that comes from the data is escaped."""
    sections = "".join(_section(one) for one in profiles)
    style = _STYLE.read_text("utf-8")
    title = escape(profiles[0].pipeline)
    view = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head = f"<head>{view}<title>{title}: data</title><style>{style}</style></head>"
    body = f'<body><main><header class="top"><h1>{title}: the data</h1></header>{sections}</main></body>'
    path.write_text(f'<!doctype html><html lang="en">{head}{body}</html>', "utf-8")


def _section(one: Profile) -> str:
    told = "".join(f"<p>suspicious: {escape(leak.sentence)}</p>" for leak in one.leaks)
    figures = "".join(
        f"<figure{' class=wide' if picture.narrow else ''}>"
        f'<div role="img" aria-label="{escape(picture.alt)}">{picture.svg}</div>'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
        for picture in pictures(one.data)
    )
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>" for name, fact in facts_of(one).items())
    head = f'<h2>{escape(one.step)}</h2><dl class="pairs">{facts}</dl>{told}'
    return f'<section>{head}<div class="gallery">{figures}</div>{_tables(one)}</section>'


def _tables(one: Profile) -> str:
    """The columns, the worst sequences, and what columns hold that are no numbers."""
    columns = columns_of(one)
    found = _table("; ".join(("The columns", *columns.more)), columns.lines)
    if one.series is not None:
        found += _table("The sequences, the worst first", sequences_of(one.series))
        found += f"<p>{escape(flawless(one.series))}</p>"
    for name, facts in one.held.items():
        found += _table(name, [{"": fact, " ": value} for fact, value in facts.items()])
    return found


def _table(caption: str, lines: Lines) -> str:
    """Numbers stand to the right; heads that are all empty are left out."""
    right = {head for head in lines[0] if all(_NUMBER.fullmatch(line[head]) for line in lines)} if lines else set()
    head = "".join(f'<th scope="col"{_class(one, right)}>{escape(one)}</th>' for one in lines[0]) if lines else ""
    head = f"<thead><tr>{head}</tr></thead>" if lines and any(one.strip() for one in lines[0]) else ""
    body = "".join(
        f"<tr>{''.join(f'<td{_class(one, right)}>{escape(cell)}</td>' for one, cell in line.items())}</tr>"
        for line in lines
    )
    table = f"<table><caption>{escape(caption)}</caption>{head}<tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>'


def _class(head: str, right: set[str]) -> str:
    return ' class="number"' if head in right else ""


def pictures(data: DataSet) -> Iterator[Picture]:
    """Time line or classes, distributions, autocorrelation, missing values, lengths."""
    if "label" in data.sequences.columns:
        yield from label_pictures(data)
    elif data.rows and (own := example_pictures(data, few(data))) is not None:
        yield from own
    elif data.rows and data.having("target"):
        yield time_line(data)
    numbers = [at for at, column in enumerate(data.about.columns) if column.holds == "numbers"][:_MOST_COLUMNS]
    for at in numbers:
        values = np.asarray(data.raw[:, at])
        yield _histogram(f"values-{at}", values[np.isfinite(values)], f"{data.about.columns[at].name}: its values")
    for at in [at for at in data.having("target") if data.about.columns[at].holds == "numbers"]:
        yield _autocorrelation(data, at)
        season = season_of(data.about.time.every) if data.about.time is not None else None
        if season is not None and 2 * season <= np.isfinite(data.raw[: data.offsets[1], at]).sum():
            yield _season(data, at, season)
    if np.isnan(data.raw).any():
        yield _missing(data)
    if len(np.unique(data.lengths)) > 1:
        yield _histogram("lengths", data.lengths.astype(float), "Rows of each sequence")


def _histogram(name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]], caption: str) -> Picture:
    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.hist(values, bins=_BINS, color=MODEL, alpha=0.85)
        calm(axes)

    return drawn(name, paint, alt=f"Histogram. {caption}.", caption=caption)


def _autocorrelation(data: DataSet, at: int) -> Picture:
    """Of the first sequence: peaks stand at the season."""
    values = np.asarray(data.raw[: data.offsets[1], at])
    values = np.nan_to_num(values - np.nanmean(values))
    power = float(values @ values) or 1.0
    lags = np.arange(1, max(2, min(_MOST_LAGS, len(values) // 2)))
    found = [float(values[lag:] @ values[:-lag]) / power for lag in lags]

    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.vlines(lags, 0, found, color=MODEL, linewidth=1.2)
        calm(axes)
        axes.set_xlabel("lag, rows")

    caption = f"{data.about.columns[at].name}: how alike values are that are some rows apart"
    return drawn(f"autocorrelation-{at}", paint, alt=f"Autocorrelation. {caption}.", caption=caption)


def _season(data: DataSet, at: int, season: int) -> Picture:
    """The quartiles of each place in the season of what differs from that season's mean, of the first sequence."""
    first, begins = season_start(data, season)
    values = np.asarray(data.raw[first : data.offsets[1], at])
    rows = values[: len(values) // season * season].reshape(-1, season)
    rows = rows[np.isfinite(rows).any(axis=1)]
    rows = rows - np.nanmean(rows, axis=1, keepdims=True)
    rows = rows[:, np.isfinite(rows).any(axis=0)]

    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        low, middle, high = np.nanquantile(rows, (0.25, 0.5, 0.75), axis=0)
        axes.fill_between(np.arange(len(middle)), low, high, color=MODEL, alpha=0.25, linewidth=0)
        axes.plot(middle, color=MODEL)
        calm(axes)
        axes.set_xlabel(f"row of {season}{begins}")

    caption = f"{data.about.columns[at].name}: median and quartiles over a season of {season} rows, less its mean"
    return drawn(f"season-{at}", paint, alt=f"Seasonal profile. {caption}.", caption=caption)


def season_start(data: DataSet, season: int) -> tuple[int, str]:
    """The first row of the first sequence at midnight, or on a Monday, where so many rows are a day, or a week.

    0 and no word for it where seasons are no such cycle, or the times meet none. In a zone it is the local time.
    """
    at = along(data, np.arange(min(data.offsets[1], season + 1)))
    if not np.issubdtype(at.dtype, np.datetime64) or len(at) <= season:
        return 0, ""
    cycle = at[season] - at[0]
    # 1970 began on a Thursday: weeks from Monday on are those of three days later
    days, word = {1: (0, " from midnight"), 7: (3, " from Monday")}.get(cycle / np.timedelta64(1, "D"), (0, ""))
    if not word:
        return 0, ""
    begun = (at - np.datetime64(0, "s") + np.timedelta64(days, "D")) % cycle == np.timedelta64(0)
    return (int(begun.argmax()), word) if begun.any() else (0, "")


def _missing(data: DataSet) -> Picture:
    share = np.isnan(data.raw).mean(axis=1)
    size = max(1, data.rows // 200)
    blocks = share[: data.rows // size * size].reshape(-1, size).mean(axis=1)

    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.plot(*thinned(np.arange(len(blocks)) * size, 100 * blocks), color=MODEL)
        calm(axes)
        axes.set_xlabel("row")
        axes.set_ylabel("%")

    each = ", all sequences one after the other" if len(data.lengths) > 1 else ""
    caption = f"The share of values that are missing{each}"
    return drawn("missing", paint, alt="Missing values over the rows.", caption=caption)
