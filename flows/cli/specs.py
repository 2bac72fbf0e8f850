"""Commands about specs: init, check, plan, render, schema, list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SpecFile = Annotated[Path, typer.Argument(metavar="SPEC", help="the spec, a YAML file")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="change a value: `--set train.epochs=3` (repeatable)"),
]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]


def init(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="a table: csv, tsv, parquet, arrow, feather or ndjson")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="the spec to write; default: <DATA>.yaml")
    ] = None,
    target: Annotated[str | None, typer.Option(help="the column to forecast")] = None,
    label: Annotated[str | None, typer.Option(help="the column to classify by")] = None,
) -> None:
    """Write a commented spec from a data file's columns."""
    from flows.cli.printing import say
    from flows.starter import starter_spec
    from rnnlib.errors import Refused

    path = output or data.with_suffix(".yaml")
    if path.exists():
        raise Refused(f"{path} exists already, and nothing is overwritten: name another file with --output")
    text = starter_spec(data, spec=path, target=target, label=label)
    path.write_text(text)
    say(f"wrote {path}; next: rnn check {path}, then rnn plan {path}, then rnn run {path}")


def check(spec: SpecFile, sets: Sets = None, json: AsJson = False) -> None:
    """Find everything that is wrong with a spec, without data and without a server."""
    from flows.check import check as checked
    from flows.cli.printing import as_json, say
    from flows.problems import SpecError

    try:
        found = checked(spec, sets or [])
    except SpecError as error:
        if not json:
            raise
        as_json({"ok": False, "problems": [problem._asdict() for problem in error.problems]})
        raise typer.Exit(2) from error
    if json:
        as_json({"ok": True, "steps": list(found.spec.steps)})
    else:
        say(f"{spec}: ok, {len(found.spec.steps)} steps: {' → '.join(found.spec.steps)}")


def plan(spec: SpecFile, sets: Sets = None, json: AsJson = False) -> None:
    """Read the data and say what a run would do: windows per part, parameters, memory, time."""
    from flows.cli.house import sweep
    from flows.cli.plans import show
    from flows.plan import plan as planned

    sweep(spec)
    show(planned(spec, sets or []), json=json)


def render(spec: SpecFile, sets: Sets = None) -> None:
    """Print the complete spec: defaults written out, overrides applied, references unresolved."""
    import sys

    from flows.check import check as checked
    from flows.render import rendered

    sys.stdout.write(rendered(checked(spec, sets or []).spec))


def schema(
    output: Annotated[Path, typer.Option("-o", "--output", help="where to write it")] = Path("pipelines/schema.json"),
    check: Annotated[bool, typer.Option("--check", help="only say whether the file is up to date")] = False,
) -> None:
    """Write the JSON schema that editors complete specs from."""
    from flows.cli.printing import say
    from flows.schema import schema_text
    from rnnlib.errors import Refused

    text = schema_text()
    if not check:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text)
        say(f"wrote {output}")
    elif not output.exists() or output.read_text() != text:
        raise Refused(f"{output} differs from what the code says: run `rnn schema`")
    else:
        say(f"{output} is up to date")


def list_parts(
    name: Annotated[str | None, typer.Argument(metavar="[PART]", help="a part or a family: its fields")] = None,
    json: AsJson = False,
) -> None:
    """Show every part that a spec can name, with its fields."""
    from flows.catalogue import catalogue
    from flows.cli.printing import as_json, say, table
    from rnnlib.errors import Refused, nearest

    entries = catalogue()
    chosen = [entry for entry in entries if name in (None, entry.name, entry.family)]
    if not chosen:
        near = nearest(name, sorted({word for entry in entries for word in (entry.name, entry.family)}))
        remedy = f"; did you mean `{near}`?" if near else ": `rnn list` shows all of them"
        raise Refused(f"no part is called `{name}`{remedy}")
    if json:
        as_json([{**entry._asdict(), "fields": [one._asdict() for one in entry.fields]} for entry in chosen])
        return
    if name is None:
        table("", ["family", "name", "what it is"], [(one.family, one.name, one.summary) for one in chosen])
        say("\n`rnn list NAME` shows the fields of a part or a family.")
        return
    for entry in chosen:
        say(f"{entry.family}: {entry.name}\n{entry.summary}")
        table(
            "",
            ["field", "default", "type", "meaning"],
            [(f.name, f.default, f.type, f.description) for f in entry.fields],
        )
        say()
