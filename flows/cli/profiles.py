"""`rnn data` as a person sees it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.specs import AsJson, Sets, SpecFile

if TYPE_CHECKING:
    from flows.data import Profile
    from flows.series_table import SeriesLine, SeriesTable
    from rnnlib.data.seen import SeenColumn

MOST_COLUMNS = 60


def data(  # noqa: PLR0917 - options, each by its name
    spec: SpecFile,
    sets: Sets = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="from now on, hold later data to what the source holds today")
    ] = False,
    json: AsJson = False,
    page: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="write pictures, as a page of HTML")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="open the page in a browser")] = False,
) -> None:
    """Show what a spec's sources hold, and how that differs from the contract they are held to."""
    from flows.cli.printing import as_json, say
    from flows.data import profile

    profiles = profile(spec, sets or [], accept=accept)
    if json:
        as_json([one.facts() for one in profiles])
    else:
        for one in profiles:
            show(one, accepted=accept)
    if page is not None or open_:
        from flows.report.profile import write_profile

        path = page or Path(f"{spec.stem}.data.html")
        write_profile(path, spec.stem, profiles)
        if not json:
            say(f"wrote {path}")
        if open_:
            typer.launch(str(path))


def show(one: Profile, *, accepted: bool) -> None:
    """The table of one load, its suspicions, and what differs from the contract."""
    from flows.cli.printing import say, table

    table(one.step, ["", ""], list(_facts(one).items()))
    say()
    _show_columns(one)
    if one.series is not None:
        say()
        _show_series(one.series)
    for name, facts in one.held.items():
        say()
        table(name, ["", ""], list(facts.items()))
    for leak in one.leaks:
        say(f"suspicious: {leak.sentence}")
    say()
    _show_contract(one, accepted=accepted)


def _show_contract(one: Profile, *, accepted: bool) -> None:
    from flows.cli.printing import say

    for line in one.changed:
        say(line)
    if accepted:
        say(f"accepted: later data is held to {one.file.shown}")
    elif one.accepted is None:
        say(f"no contract yet: the first run writes {one.file.shown}")
    elif one.changed:
        say(f"{one.file.shown} says otherwise, as shown; --accept makes it say what the data holds now")
    else:
        say(f"the data holds what {one.file.shown} says")


def _show_columns(one: Profile) -> None:
    """The columns, of frames the first: a table where there is room, else a line for each."""
    from flows.cli.printing import out, say, table

    seen = one.seen
    pixels = {column.name for column in one.data.about.columns if column.holds == "pixels"}
    told = [column for column in seen.columns if column.name not in pixels or column.name in one.held]
    columns = told[:MOST_COLUMNS]
    if out.width < 100:
        for column in columns:
            said = "; ".join(f"{name} {value}" for name, value in _cells(column).items() if value not in ("", "–"))
            out.print(f"{column.name}: {said}")
    else:
        heads = ["column", *_cells(columns[0])]
        table("", heads, [[column.name, *_cells(column).values()] for column in columns])
    if len(told) > MOST_COLUMNS:
        say(f"and {len(told) - MOST_COLUMNS} more columns: --json")
    if len(told) < len(seen.columns):
        say(f"and {len(seen.columns) - len(told)} more columns of pixels")


def _show_series(series: SeriesTable) -> None:
    """The worst sequences and all together: a table where there is room, else a line for each."""
    from flows.cli.printing import out, say, table

    lines = [_line(line) for line in (*series.worst, series.total)]
    shown = [name for name in lines[0] if any(line[name] not in ("", "0") for line in lines)]
    if out.width < 100:
        for line in lines:
            said = "; ".join(f"{name} {line[name]}" for name in shown[1:] if line[name])
            out.print(f"{line['sequence']}: {said}")
    else:
        table("", shown, [[line[name] for name in shown] for line in lines])
    say(f"{series.flawless:,} of {series.total.name.removeprefix('all ')} without gaps, duplicates and missing values")


def _line(line: SeriesLine) -> dict[str, str]:
    return {
        "sequence": line.name,
        "rows": f"{line.rows:,}",
        "from": line.start,
        "to": line.end,
        "every": line.every,
        "gaps": f"{line.gaps:,}",
        "duplicates": f"{line.duplicates:,}",
        "missing": f"{line.missing:,}",
    }


def _facts(one: Profile) -> dict[str, str]:
    seen = one.seen
    shortest, middle, longest = seen.lengths
    facts = {
        "rows": f"{seen.rows:,}",
        "sequences": f"{seen.sequences:,}",
        "rows of each": f"{shortest:,}" if shortest == longest else f"{shortest:,} to {longest:,} (median {middle:,})",
        "times": "" if seen.span is None else f"{seen.span[0]} to {seen.span[1]}",
        "every": seen.every or "",
        "zone": seen.zone or "",
        "repairs": ", ".join(f"{name}: {count}" for name, count in one.data.about.repairs.items()),
        "classes": "" if seen.classes is None or not seen.closed else _shares(seen.classes),
    }
    return {name: value for name, value in facts.items() if value}


def _shares(classes: dict[str, int]) -> str:
    total = sum(classes.values())
    few = sorted(classes.items(), key=lambda item: -item[1])[:12]
    more = f", and {len(classes) - 12} more" if len(classes) > 12 else ""
    return ", ".join(f"{name} {count:,} ({100 * count / total:.3g} %)" for name, count in few) + more


def _cells(column: SeenColumn) -> dict[str, str]:
    from flows.cli.printing import number

    low, _, middle, _, high = column.quantiles or (None,) * 5
    holds = "constant" if column.commonest == 1 else ""
    if column.categories is not None:
        named = sorted(column.categories.items(), key=lambda item: -item[1])
        more = ", …" if len(named) > 4 else ""
        holds = f"{len(named)}: " + ", ".join(f"{name} {100 * share:.3g} %" for name, share in named[:4]) + more
    return {
        "role": column.role or "–",
        "type": column.type,
        "unit": column.unit or "",
        "missing": "" if not column.observed else f"{100 * column.missing:.3g} %",
        "min": number(column.least),
        "5 %": number(low),
        "median": number(middle),
        "95 %": number(high),
        "max": number(column.most),
        "holds": holds,
    }
