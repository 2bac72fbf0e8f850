"""The `rnn` command: which commands there are, and what every one of them does at its start and its end."""

from __future__ import annotations

import gc
import io
import sys

import typer

from flows.cli import generating, house, interchange, models, profiles, runs, specs

app = typer.Typer(
    name="rnn",
    help="Declarative pipelines for sequence models: one YAML file, from raw data to a registered model.",
    epilog="Exit codes: 0 ok, 1 the run failed, 2 bad spec or command, 3 the gate refused, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(specs.init)
app.command()(specs.check)
app.command()(specs.plan)
app.command()(specs.render)
app.command()(specs.schema)
app.command()(profiles.data)
app.command(name="list")(specs.list_parts)
app.command()(runs.run)
app.command()(runs.predict)
app.command()(generating.generate)
app.command()(runs.report)
app.command()(interchange.export)
app.command(name="import")(interchange.import_)
app.add_typer(models.app, name="models")
app.command()(house.clean)
app.command()(house.doctor)


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="print the version and stop"),
) -> None:
    if version:
        from rnnlib import __version__

        typer.echo(f"rnnlib {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is not None:
        house.sweep()


def main() -> None:
    """The entry point of the `rnn` command."""
    # Importing torch makes a million objects that live until the end: the collector walks them over and over, and once
    # more at exit. That is a third of the time of `rnn check`.
    gc.set_threshold(200_000, 20, 20)
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")  # a sign that the terminal cannot show is no reason to stop
    try:
        _answer()
    finally:
        gc.freeze()


def _answer() -> None:
    from rnnlib.errors import Refused

    try:
        app()
    except Refused as refusal:
        from flows.cli.printing import complain

        complain(refusal)
        sys.exit(getattr(refusal, "exit_code", 2))
    except SystemExit as ended:
        # the reader of our pipe went away (`rnn list | head`): nothing is wrong, but that a run was cut off
        if isinstance(ended.__context__, BrokenPipeError) and sys.argv[1:2] != ["run"]:
            sys.exit(0)
        raise
