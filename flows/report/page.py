"""The page: everything that is known of the run, laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.report.attention import attention_pictures
from flows.report.classes import Confusion, confusion, scatter
from flows.report.data import data_view
from flows.report.drawing import Picture
from flows.report.facts import RunFacts
from flows.report.forecasts import COLOURS, SeriesLine, forecast_pictures, series_lines, step_pictures
from flows.report.model import models
from flows.report.scores import Evaluation, best_baseline, evaluations, headline_part, read
from flows.report.training import curves
from flows.report.wording import coded, counted, named, number, span

_FACTS = 6
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"span": span, "counted": counted, "said": number, "coded": coded}


class Baseline(NamedTuple):
    """The best baseline's name, and the variable of its colour."""

    name: str
    colour: str


@dataclass(frozen=True)
class Shown:
    """One evaluation with its pictures."""

    evaluation: Evaluation
    baseline: Baseline | None
    forecasts: list[Picture]
    steps: list[Picture]
    scatter: list[Picture]
    confusion: Confusion | None
    series: list[SeriesLine]
    attention: list[Picture]


def write_report(path: Path, run: RunFacts) -> None:
    """Writes one self-contained HTML file about a run, however far it got; it loads nothing from elsewhere."""
    path.write_text(rendered(run), "utf-8")


def rendered(run: RunFacts) -> str:
    """The page as text; everything that comes from the run is escaped."""
    return _TEMPLATES.get_template("page.html").render(
        run=run,
        style=(Path(__file__).parent / "templates" / "style.css").read_text("utf-8"),
        shown=[_shown(run, evaluation, place) for place, evaluation in enumerate(evaluations(run))],
        versions=[version for step in run.steps_of("register") if (version := read(step, "version.json"))],
        data=data_view(run),
        curves=curves(run),
        models=models(run),
        summaries={step.name: _short(read(step, "summary.json")) for step in run.steps},
    )


def _short(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The first facts of a step, and what it repaired."""
    return {name: fact for place, (name, fact) in enumerate(summary.items()) if place < _FACTS or name == "repairs"}


def _shown(run: RunFacts, evaluation: Evaluation, place: int) -> Shown:
    best = best_baseline(evaluation.scores, headline_part(evaluation.scores), evaluation.scores["metrics"][0])
    forecaster = evaluation.scores["model_kind"] == "forecaster"
    return Shown(
        evaluation=evaluation,
        baseline=Baseline(named(best), COLOURS.get(best, "faint")) if best else None,
        forecasts=forecast_pictures(run, evaluation, place) if forecaster else [],
        steps=step_pictures(evaluation, place),
        scatter=scatter(evaluation, place),
        confusion=confusion(evaluation),
        series=series_lines(evaluation),
        attention=attention_pictures(run, evaluation, place),
    )
