"""`rnn run` as a person sees it: progress, scores beside baselines, and where everything is."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from flows.cli.printing import as_json, complain, duration, err, number, out, say, table

if TYPE_CHECKING:
    from flows.execute import Done
    from flows.outcome import Outcome


def run_and_show(spec: Path, sets: Sequence[str], *, inline: bool, json: bool) -> int:
    """Runs a spec and prints how it went; returns the exit code."""
    with ExitStack() as stack:
        server, look = None, None
        if not inline:
            # The server takes seconds to start: it does so while this process imports torch and reads the spec.
            from flows.home import home_of, project_root
            from flows.server import EmbeddedServer

            server = stack.enter_context(EmbeddedServer(home_of(project_root(spec.resolve().parent))))
        from flows.check import check
        from flows.run import inline as directly
        from flows.run import run

        checked = check(spec, sets)
        command = " ".join(
            ["rnn run", shlex.quote(str(spec)), *(f"--set {shlex.quote(one)}" for one in sets), *["--inline"] * inline]
        )
        with Shown(quiet=json) as shown:
            if server is None:
                outcome = run(checked, engine=directly, progress=shown.progress(), done=shown.done, command=command)
            else:
                from flows.prefect_engine import PrefectEngine

                engine = PrefectEngine(server, shown.progress(), shown.done)
                outcome = run(checked, engine=engine, progress=engine.progress, done=engine.done, command=command)
                engine.link(_links(outcome))
                look = server.to_look
            if outcome.at_step is not None:
                shown.failed(outcome.at_step)
    if json:
        as_json(_facts(outcome))
    else:
        show(outcome, look)
    return outcome.exit_code


class Shown:
    """A line for each finished step, and a bar for the running one where there is a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar = Progress(
            TextColumn("  {task.description}"),
            *([BarColumn(bar_width=24)] if err.width >= 100 else []),
            TextColumn("{task.completed}/{task.total}  {task.fields[note]}"),
            *([TimeElapsedColumn()] if err.width >= 80 else []),
            console=err,
            transient=True,
            disable=quiet or not err.is_terminal,
        )
        self._running: dict[str, Any] = {}

    def __enter__(self) -> Shown:
        self._bar.start()
        return self

    def __exit__(self, *_ended: object) -> None:
        self._bar.stop()

    def failed(self, step: str) -> None:
        """The line of the step that ended the run."""
        if not self._quiet:
            out.print(Text("✗ ", style="red") + Text(step))

    def progress(self) -> Any:
        """Where the steps tell how far they are."""
        from flows.execute import Progress as Told

        return Told(advance=self._advance, say=self._say)

    def done(self, done: Done) -> None:
        """The line of a finished step."""
        if done.name in self._running:
            self._bar.remove_task(self._running.pop(done.name))
        if not self._quiet:
            how = duration(done.seconds) if done.executed else "kept"
            mark = Text("✓ ", style="green") if done.executed else Text("= ", style="dim")
            line = mark + Text(f"{done.name:<14}{how:>10}  {_summary(done)}")
            out.print(line, no_wrap=True, overflow="ellipsis")

    def _advance(self, step: str, done: int, total: int, note: str) -> None:
        if step not in self._running:
            self._running[step] = self._bar.add_task(step, total=total, note=note)
        self._bar.update(self._running[step], completed=done, total=total, note=note)

    def _say(self, step: str, line: str) -> None:
        if not self._quiet:
            self._bar.console.print(Text(f"  {step}: {line}"), soft_wrap=True)


def show(outcome: Outcome, prefect: str | None = None) -> None:
    """The end of a run: the scores, the gate's sentence, and where to look."""
    if outcome.error is not None:
        complain(outcome.error)
    if outcome.unchanged:
        say(f"nothing changed: none of the {len(outcome.steps)} steps had to be executed again")
    for name, scores in outcome.scores:
        _scores(name if len(outcome.scores) > 1 else "", scores)
    for version in outcome.versions:
        say(f"registered: {version['name']} version {version['version']}; {_verdict(version)}")
    say()
    if outcome.report is not None:
        say(f"report   {outcome.report}")
    if outcome.tracked:
        say(f"MLflow   run {outcome.tracked['run_id']} in experiment {outcome.tracked['experiment']}")
        say(f"         to look: mlflow ui --backend-store-uri {outcome.tracked['uri']}")
    if prefect:
        say(f"Prefect  to look: {prefect}")
    for version in outcome.versions:
        model = f"models:/{version['name']}/{version['version']}"
        say(f"predict  {_elsewhere(outcome)}rnn predict {model} NEW.csv -o out.parquet")
    ended = {"finished": "finished", "failed": "failed", "killed": "interrupted"}[outcome.status]
    say(f"{outcome.name} {ended} after {duration(outcome.seconds)}")


def _elsewhere(outcome: Outcome) -> str:
    """What makes a command that is typed here look into the home of the run, where that is another one."""
    from flows.home import home_at, project_root

    here = home_at(project_root())
    return "" if outcome.home in (None, here) else f"RNN_HOME={shlex.quote(str(outcome.home))} "


def _verdict(version: dict[str, Any]) -> str:
    """What the gate said, and where the alias is now."""
    if version["promoted"] is None:
        return str(version["reason"])
    if version["promoted"]:
        return f"`{version['alias']}` is now this version: {version['reason']}"
    champion = version.get("champion") or {}
    stays = (
        f"`{version['alias']}` stays at version {champion['version']}" if champion.get("version") else "no alias moved"
    )
    return f"the gate refused, {stays}: {version['reason']}"


def _scores(name: str, scores: dict[str, Any]) -> None:
    part = "test" if "test" in scores["parts"] else next(iter(scores["parts"]))
    found = scores["parts"][part]
    metrics = [metric for metric in found["model"] if metric in scores["metric_units"]]
    rows = {"model": found["model"], **found["baselines"]}
    best = {metric: _best(metric, rows, scores) for metric in metrics}
    header = ["", *(f"{metric} [{unit}]" if (unit := scores["metric_units"][metric]) else metric for metric in metrics)]
    lines = [
        [
            Text(row, style="bold" if row == "model" else ""),
            *(_cell(values, metric, best[metric]) for metric in metrics),
        ]
        for row, values in rows.items()
    ]
    say()
    table(f"{name + ': ' if name else ''}{part} scores ({found['cases']} cases)", header, lines, numbers=len(metrics))
    say()


def _best(metric: str, rows: dict[str, dict[str, float]], scores: dict[str, Any]) -> float | None:
    values = [values[metric] for values in rows.values() if values.get(metric) is not None]
    if not values:
        return None
    return max(values) if scores["higher_is_better"].get(metric) else min(values)


def _cell(values: dict[str, float], metric: str, best: float | None) -> Text:
    value = values.get(metric)
    return Text(number(value), style="bold green" if value is not None and value == best else "")


def _summary(done: Done) -> str:
    import json

    path = done.stored.path / "summary.json"
    if not path.is_file():
        return ""
    facts = json.loads(path.read_text())
    shown = [(key, value) for key, value in facts.items() if isinstance(value, str | int | float)]
    return ", ".join(f"{key.replace('_', ' ')} {number(v) if isinstance(v, float) else v}" for key, v in shown[:5])


def _links(outcome: Outcome) -> dict[str, str]:
    """What the flow run in Prefect points to."""
    found = {"report": outcome.report.as_uri()} if outcome.report is not None else {}
    if (uri := outcome.tracked.get("uri", "")).startswith("http"):
        found["MLflow run"] = f"{uri}/#/runs/{outcome.tracked['run_id']}"
    return found


def _facts(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "status": outcome.status,
        "exit_code": outcome.exit_code,
        "unchanged": outcome.unchanged,
        "seconds": round(outcome.seconds, 3),
        "steps": [
            {"name": done.name, "task": done.task, "executed": done.executed, "seconds": round(done.seconds, 3),
             "path": str(done.stored.path), "digest": done.stored.digest}
            for done in outcome.steps
        ],
        "scores": dict(outcome.scores),
        "versions": outcome.versions,
        "report": str(outcome.report) if outcome.report else None,
        "mlflow": dict(outcome.tracked),
        "error": outcome.error,
    }  # fmt: skip
