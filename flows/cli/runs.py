"""Commands that run: run, predict, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.specs import AsJson, Sets, SpecFile


def run(
    spec: SpecFile,
    sets: Sets = None,
    inline: Annotated[bool, typer.Option("--inline", help="without any Prefect server, in this process")] = False,
    json: AsJson = False,
) -> None:
    """Run a spec: from raw data to its last step. A step whose result is known is not executed again."""
    from flows.cli.house import sweep
    from flows.cli.running import run_and_show

    sweep(spec)
    raise typer.Exit(run_and_show(spec, sets or [], inline=inline, json=json))


def predict(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="models:/NAME@ALIAS, models:/NAME/VERSION or a folder")],
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="a table (csv, tsv, parquet, arrow, feather, ndjson); a clip, or a folder of them"
        ),
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="a csv or parquet file; default: print")] = None,
) -> None:
    """Predict with a registered model: raw columns in, data units out."""
    import sys

    from flows.cli.printing import notices, out, say
    from flows.predict import as_csv, readable, writable, write
    from flows.predict import predict as predicted

    if output is not None:
        writable(output)
    with notices():
        frame = predicted(model, data)
    if output is None:
        sys.stdout.write(as_csv(readable(frame) if out.is_terminal else frame))
    else:
        write(frame, output)
        say(f"wrote {output}: {frame.height} rows of {', '.join(frame.columns)}")


def report(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="the pipeline's name")] = None,
    json: AsJson = False,
) -> None:
    """Say where the newest reports are."""
    from flows.cli.printing import as_json, say, table
    from flows.home import home_at, project_root
    from flows.reports import newest

    found = newest(home_at(project_root()), name)
    if json:
        as_json([one._asdict() for one in found])
    elif not found:
        say("there is no report yet: every `rnn run` writes one, a failed one too")
    else:
        table("", ["pipeline", "written", "report"], [(one.name, one.written, str(one.path)) for one in found])
