"""Commands about the house itself: clean, doctor; and what every command does first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]


def sweep(spec: Path | None = None) -> None:
    """Gives runs whose process is gone their true end; costs a few milliseconds where there are none.

    Looks into the home of the current folder, or of `spec` where that is another one; makes none.
    """
    from flows.home import home_at, project_root

    here = home_at(project_root())
    home = here if spec is None else home_at(project_root(spec.resolve().parent))
    if not home.is_dir() or (spec is not None and home == here):
        return
    from flows.ledger import sweep as swept

    for line in swept(home):
        typer.echo(line, err=True)


def clean(
    older: Annotated[str, typer.Option(metavar="DURATION", help="remove what was not used for so long")] = "30d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be removed")] = False,
) -> None:
    """Remove finished steps, work and fetched files that nobody used; what registered versions rest on stays."""
    from flows.clean import clean as cleaned
    from flows.cli.printing import say
    from flows.home import home_of, project_root
    from rnnlib.errors import Refused
    from rnnlib.quantities import Duration

    try:
        limit = Duration._validate(older).timedelta()
    except ValueError as error:
        raise Refused(f"--older: {error}") from error
    found = cleaned(home_of(project_root()), limit, dry_run=dry_run)
    for removed in found.removed:
        say(f"{'would remove' if dry_run else 'removed'} {removed.path} ({removed.size / 1e6:.1f} MB)")
    total = sum(removed.size for removed in found.removed) / 1e6
    kept = f"{found.kept} kept ({found.needed} for registered versions)"
    say(f"{len(found.removed)} folders and files, {total:.1f} MB; {kept}")


def doctor(json: AsJson = False) -> None:
    """Examine this installation: versions, pins, can a server start, does a schedule fire."""
    from flows.cli.printing import as_json, say, table
    from flows.doctor import examine
    from flows.home import home_of, project_root

    checks = examine(home_of(project_root()))
    if json:
        as_json([check._asdict() for check in checks])
    else:
        table("", ["", "check", "found"], [("ok" if one.ok else "NO", one.name, one.detail) for one in checks])
        for one in checks:
            if not one.ok:
                say(f"{one.name}: {one.remedy}")
    if not all(one.ok for one in checks):
        raise typer.Exit(1)
