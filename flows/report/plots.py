"""The report's pictures as files of their own: what the run in MLflow shows as plots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flows.report.data import data_view
from flows.report.drawing import Picture
from flows.report.facts import RunFacts
from flows.report.forecasts import forecast_pictures, step_pictures
from flows.report.scores import evaluations
from flows.report.training import curves

_STYLE = Path(__file__).parent / "templates" / "style.css"
_TEXT = "text{font-family:sans-serif}"


def plots(run: RunFacts) -> Iterator[tuple[str, str]]:
    """File names (`train-1.svg`) and SVG documents in the colours of the page's light theme."""
    for trained in curves(run):
        yield from _numbered(trained.step, trained.pictures)
    for place, evaluation in enumerate(evaluations(run)):
        forecaster = evaluation.scores["model_kind"] == "forecaster"
        shown = forecast_pictures(run, evaluation, place) if forecaster else []
        yield from _numbered(evaluation.step.name, [*shown, *step_pictures(evaluation, place)])
    if (view := data_view(run)) is not None:
        yield from _numbered("data", view.pictures)


def _numbered(name: str, pictures: list[Picture] | tuple[Picture, ...]) -> Iterator[tuple[str, str]]:
    for number, picture in enumerate(pictures, start=1):
        yield f"{name}-{number}.svg", standing_alone(picture.svg)


def standing_alone(svg: str) -> str:
    """A picture of the page as a document: its name space, a ground to stand on, colours for the page's variables."""
    colours = dict(re.findall(r"--([a-z]+):\s*(#[0-9a-fA-F]{3,8})", _STYLE.read_text("utf-8").partition("@media")[0]))
    plain = re.sub(r"var\(--([a-z]+)\)", lambda found: colours[found[1]], svg)
    head, tag, rest = plain.partition(">")
    width, height = re.findall(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', head)[0]  # a viewer of images needs a size
    own = f'xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" style="background:#fff"'
    return f"{head} {own}{tag}<style>{_TEXT}</style>{rest}"
