"""The scores of the run beside the baselines, and the sentence that says what came out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows.report.facts import RunFacts, StepFacts
from flows.report.wording import counted, named, number, started

_CASES = {
    "forecaster": "window",
    "classifier": "sequence",
    "regressor": "sequence",
    "tagger": "step",
    "language_model": "token",
}


@dataclass(frozen=True)
class Cell:
    """One score; `share` is its size beside the largest of its column."""

    text: str
    share: float
    best: bool


@dataclass(frozen=True)
class Row:
    """The scores of the model, or of one baseline."""

    name: str
    model: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ScoreTable:
    """The scores on one part."""

    part: str
    cases: str
    heads: tuple[tuple[str, str], ...]
    """Each metric's name, and its unit and direction."""
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Evaluation:
    """What one `evaluate` step found."""

    step: StepFacts
    of: str | None
    """The name of the step that gave the model."""
    sentence: str
    won: bool | None
    """Whether the model is better than every baseline in the headline metric."""
    tables: tuple[ScoreTable, ...]
    scores: Mapping[str, Any]
    origins: Mapping[str, Any]


def evaluations(run: RunFacts) -> list[Evaluation]:
    """Every `evaluate` step that has scores."""
    return [_evaluation(run, step) for step in run.steps_of("evaluate") if step.file("scores.json")]


def headline_part(scores: Mapping[str, Any]) -> str:
    """The part that the headline is about: test where it was scored."""
    parts = scores["parts"]
    return "test" if "test" in parts else str(next(iter(parts)))


def best_baseline(scores: Mapping[str, Any], part: str, metric: str) -> str | None:
    """The baseline that is hardest to beat."""
    found = {name: own[metric] for name, own in scores["parts"][part]["baselines"].items() if own[metric] is not None}
    pick = max if scores["higher_is_better"][metric] else min
    return pick(found, key=lambda name: found[name]) if found else None


def _evaluation(run: RunFacts, step: StepFacts) -> Evaluation:
    scores = read(step, "scores.json")
    origins = read(step, "scored.json")
    model = run.holder(origins.get("model", ""))
    sentence, won = _headline(scores)
    order = sorted(scores["parts"], key=lambda part: part != "test")
    tables = tuple(_table(scores, part) for part in order)
    return Evaluation(step, model.name if model else None, sentence, won, tables, scores, origins)


def read(step: StepFacts, name: str) -> dict[str, Any]:
    """A JSON file of a step's result; empty where there is none."""
    file = step.file(name)
    found = json.loads(file.read_text("utf-8")) if file else {}
    assert isinstance(found, dict)
    return found


def _headline(scores: Mapping[str, Any]) -> tuple[str, bool | None]:
    part, metric = headline_part(scores), scores["metrics"][0]
    value, unit = scores["parts"][part]["model"][metric], scores["metric_units"][metric]
    said = f"{started(named(metric))} on {part}: {number(value)}{f' {unit}' if unit else ''}"
    best = best_baseline(scores, part, metric)
    if best is None:
        return f"{said}; no baseline could be computed.", None
    bar = scores["parts"][part]["baselines"][best][metric]
    higher = scores["higher_is_better"][metric]
    won = value > bar if higher else value < bar
    beside = f"{named(best)} ({number(bar)})"
    if higher or bar <= 0:
        return f"{said}, {'above' if value > bar else 'not above' if higher else 'beside'} {beside}.", won
    change = f"{abs(value - bar) / bar:.0%}".replace("%", " %")
    return f"{said}, {change} {'lower than' if won else 'higher than'} {beside}, the best baseline.", won


def _table(scores: Mapping[str, Any], part: str) -> ScoreTable:
    found = scores["parts"][part]
    rows = {"model": found["model"], **found["baselines"]}
    columns = [[own[metric] for own in rows.values()] for metric in scores["metrics"]]
    higher = [scores["higher_is_better"][metric] for metric in scores["metrics"]]
    cells = zip(*map(_cells, columns, higher), strict=True)
    notes = tuple(f"{named(name)} is left out: {why}." for name, why in found.get("left_out", {}).items())
    return ScoreTable(
        part=part,
        cases=counted(found["cases"], _CASES[scores["model_kind"]]),
        heads=tuple((named(metric), _head(scores, metric)) for metric in scores["metrics"]),
        rows=tuple(Row(named(name), name == "model", own) for name, own in zip(rows, cells, strict=True)),
        notes=notes,
    )


def _head(scores: Mapping[str, Any], metric: str) -> str:
    unit = scores["metric_units"][metric]
    better = "higher is better" if scores["higher_is_better"][metric] else "lower is better"
    return f"{unit}, {better}" if unit else better


def _cells(column: list[float | None], higher: bool) -> list[Cell]:
    known = [value for value in column if value is not None]
    best = (max if higher else min)(known) if known else None
    longest = max((abs(value) for value in known), default=0) or 1
    return [Cell(number(value), abs(value or 0) / longest, value is not None and value == best) for value in column]
