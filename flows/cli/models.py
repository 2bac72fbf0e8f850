"""Commands about registered models."""

from __future__ import annotations

from typing import Annotated, Any

import typer

app = typer.Typer(help="Look models up in the registry.", no_args_is_help=True, rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]


@app.command(name="list")
def list_models(json: AsJson = False) -> None:
    """Show every registered model: its versions, its aliases, its latest scores."""
    from flows.cli.printing import as_json, say, table
    from flows.home import home_of, project_root
    from tasks.registry.lookup import list_models as found

    models = found(home_of(project_root()))
    if json:
        as_json(models)
    elif not models:
        say("no model is registered yet: run a spec that has a `register` step")
    else:
        rows = [
            (
                model["name"],
                str(len(model["versions"])),
                ", ".join(f"{alias} → {version}" for alias, version in model["aliases"].items()),
                _headline(model),
            )
            for model in models
        ]
        table("", ["model", "versions", "aliases", "test scores"], rows)


def _headline(model: dict[str, Any]) -> str:
    """The scores of the versions that carry an alias; of the latest where none does."""
    from flows.cli.printing import number

    carried = set(model["aliases"].values())
    named = [version for version in model["versions"] if str(version["version"]) in carried] or model["versions"][-1:]
    return "; ".join(
        f"version {version['version']}: "
        + ", ".join(f"{name} {number(value)}" for name, value in version["scores"].items())
        for version in named
    )


def _date(written: str) -> str:
    return written[:16].replace("T", " ")


@app.command()
def show(name: Annotated[str, typer.Argument(help="the model's name")], json: AsJson = False) -> None:
    """Show one model: every version with its aliases, scores and tags."""
    from flows.cli.printing import as_json, number, say, table
    from flows.home import home_of, project_root
    from tasks.registry.lookup import show_model

    model = show_model(home_of(project_root()), name)
    if json:
        as_json(model)
        return
    say(model["name"])
    rows = [
        (
            str(version["version"]),
            ", ".join(version["aliases"]),
            ", ".join(f"{metric} {number(value)}" for metric, value in version["scores"].items()),
            _date(version["created"]),
            str(version["run_id"] or ""),
        )
        for version in model["versions"]
    ]
    table("", ["version", "aliases", "test scores", "made", "MLflow run"], rows)
    say("tags and digests: --json")
    say(f"\n{_asking(model)}")


def _asking(model: dict[str, Any]) -> str:
    """The command that asks the champion, else another version that has an alias, else the newest one."""
    from flows.cli.asking import asking

    aliases, newest = model["aliases"], model["versions"][-1]
    alias = "champion" if "champion" in aliases else next(iter(aliases), None)
    one = next((one for one in model["versions"] if alias and one["version"] == aliases[alias]), newest)
    at = f"@{alias}" if alias else f"/{one['version']}"
    return asking(f"models:/{model['name']}{at}", one["tags"].get("rnn.reads"))
