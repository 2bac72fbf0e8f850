"""The end of a run: scores beside baselines, the gate's sentence, and where everything is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from rich.text import Text

from flows.cli.asking import asking
from flows.cli.printing import complain, duration, number, say, table

if TYPE_CHECKING:
    from flows.outcome import Outcome


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
        say(f"ask it   {_elsewhere(outcome)}{asking(model, version.get('reads'))}")
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
