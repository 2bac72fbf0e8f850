"""What `rnn data` tells of a load, in tables: on a terminal, in a pipe and on its page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rnnlib.figures import figure

if TYPE_CHECKING:
    from flows.data import Profile
    from flows.series_table import SeriesTable
    from rnnlib.data.seen import SeenColumn

_MOST_COLUMNS = 60

Lines = list[dict[str, str]]
"""Cells by their heads, the same ones in every line."""


class ToldColumns(NamedTuple):
    """A line for each column that is told, and what is said of the others."""

    lines: Lines
    more: tuple[str, ...]


def facts_of(one: Profile) -> dict[str, str]:
    """The load as a whole: rows, lengths, times, repairs, classes."""
    seen = one.seen
    shortest, middle, longest = seen.lengths
    facts = {
        "rows": f"{seen.rows:,}",
        "sequences": f"{seen.sequences:,}",
        "rows of each": f"{shortest:,}" if shortest == longest else f"{shortest:,} to {longest:,} (median {middle:,})",
        "times": "" if seen.span is None else f"{seen.span[0]} to {seen.span[1]}",
        "every": (seen.every or "").removesuffix("i"),
        "zone": seen.zone or "",
        "repairs": ", ".join(f"{name}: {count}" for name, count in one.data.about.repairs.items()),
        "classes": "" if seen.classes is None or not seen.closed else _shares(seen.classes),
    }
    return {name: value for name, value in facts.items() if value}


def columns_of(one: Profile) -> ToldColumns:
    """The columns, of frames the first."""
    seen = one.seen
    pixels = {column.name for column in one.data.about.columns if column.holds == "pixels"}
    told = [column for column in seen.columns if column.name not in pixels or column.name in one.held]
    more = []
    if len(told) > _MOST_COLUMNS:
        more.append(f"and {len(told) - _MOST_COLUMNS} more columns: --json")
    if len(told) < len(seen.columns):
        more.append(f"and {len(seen.columns) - len(told)} more columns of pixels")
    return ToldColumns([_cells(column) for column in told[:_MOST_COLUMNS]], tuple(more))


def sequences_of(series: SeriesTable) -> Lines:
    """The worst sequences and all together, without what is so of none."""
    lines = [
        {
            "sequence": line.name,
            "rows": f"{line.rows:,}",
            "from": line.start,
            "to": line.end,
            "every": line.every.removesuffix("i"),
            "gaps": f"{line.gaps:,}",
            "duplicates": f"{line.duplicates:,}",
            "missing": f"{line.missing:,}",
        }
        for line in (*series.worst, series.total)
    ]
    shown = [name for name in lines[0] if any(line[name] not in ("", "0") for line in lines)]
    return [{name: line[name] for name in shown} for line in lines]


def flawless(series: SeriesTable) -> str:
    """How many sequences lack nothing."""
    among = series.total.name.removeprefix("all ")
    return f"{series.flawless:,} of {among} without gaps, duplicates and missing values"


def _shares(classes: dict[str, int]) -> str:
    total = sum(classes.values())
    few = sorted(classes.items(), key=lambda item: -item[1])[:12]
    more = f", and {len(classes) - 12} more" if len(classes) > 12 else ""
    return ", ".join(f"{name} {count:,} ({100 * count / total:.3g} %)" for name, count in few) + more


def _cells(column: SeenColumn) -> dict[str, str]:
    low, _, middle, _, high = column.quantiles or (None,) * 5
    holds = "constant" if column.commonest == 1 else ""
    if column.categories is not None:
        named = sorted(column.categories.items(), key=lambda item: -item[1])
        more = ", …" if len(named) > 4 else ""
        holds = f"{len(named)}: " + ", ".join(f"{name} {100 * share:.3g} %" for name, share in named[:4]) + more
    return {
        "column": column.name,
        "role": column.role or "–",
        "type": column.type,
        "unit": column.unit or "",
        "missing": "" if not column.observed else f"{100 * column.missing:.3g} %",
        "min": _number(column.least),
        "5 %": _number(low),
        "median": _number(middle),
        "95 %": _number(high),
        "max": _number(column.most),
        "holds": holds,
    }


def _number(value: float | None) -> str:
    return "–" if value is None else figure(value)
