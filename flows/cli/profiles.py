"""`rnn data` as a person sees it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.specs import AsJson, Sets, SpecFile

if TYPE_CHECKING:
    from flows.data import Profile
    from flows.profile_tables import Lines

_ROOM = 100
"""Characters of a line from which on a table of many columns can be read."""


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
        write_profile(path, profiles)
        if not json:
            say(f"wrote {path}")
        if open_:
            typer.launch(str(path))


def show(one: Profile, *, accepted: bool) -> None:
    """The table of one load, its suspicions, and what differs from the contract."""
    from flows.cli.printing import say, table
    from flows.profile_tables import columns_of, facts_of, flawless, sequences_of

    table(one.step, ["", ""], list(facts_of(one).items()))
    say()
    columns = columns_of(one)
    _show_lines(columns.lines)
    for line in columns.more:
        say(line)
    if one.series is not None:
        say()
        _show_lines(sequences_of(one.series))
        say(flawless(one.series))
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


def _show_lines(lines: Lines) -> None:
    """A table where there is room, else a line for each."""
    from flows.cli.printing import out, table

    heads = list(lines[0]) if lines else []
    if out.width < _ROOM:
        for cells in lines:
            name, *others = cells.items()
            told = "; ".join(f"{head} {cell}" for head, cell in others if cell not in ("", "–"))
            out.print(f"{name[1]}: {told}")
    else:
        table("", heads, [list(cells.values()) for cells in lines])
