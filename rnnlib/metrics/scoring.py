"""Scores of a model and of the baselines beside it, on every case of a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.errors import DataError, Refused
from rnnlib.metrics.baselines import BaselineName
from rnnlib.metrics.classes import ScoredClasses
from rnnlib.metrics.forecasts import ScoredForecasts
from rnnlib.metrics.scored import Predicts, Scored, Units
from rnnlib.metrics.table import METRICS, MetricName, fitting
from rnnlib.metrics.tags import ScoredTags
from rnnlib.metrics.tokens import ScoredTokens
from rnnlib.metrics.values import ScoredValues

SCORED: Mapping[str, type[Scored[Any]]] = {
    scored.kind: scored for scored in (ScoredForecasts, ScoredClasses, ScoredValues, ScoredTags, ScoredTokens)
}
"""How each kind of model is scored."""


@dataclass(frozen=True)
class PartScores:
    """Everything about one part: scores, their details, and the predictions that they rest on."""

    cases: int
    model: dict[MetricName, float]
    baselines: dict[BaselineName, dict[MetricName, float]]
    left_out: dict[BaselineName, str]
    """Baselines that could not predict every case, and why."""
    details: dict[str, Any]
    predictions: pl.DataFrame
    series: pl.DataFrame | None


def score_part(
    predictor: Predicts, data: DataSet, part: PartOf, names: Sequence[MetricName], *, season: int | None, units: Units
) -> PartScores:
    """The scores of a model and of every baseline on the same cases.

    Raises `DataError` where the part has no case, `Refused` where a metric does not fit the model or the data.
    """
    scored = scored_part(predictor, data, part, names, season=season, units=units)
    baselines = scored.of_baselines()
    left_out = {name: why for name, why in baselines.items() if isinstance(why, str)}
    made = {"model": scored.of_model(), **{str(by): one for by, one in baselines.items() if by not in left_out}}
    rescaled = {by: scored.rescaled(cases) for by, cases in made.items()}
    scores = {by: scored.scores(cases) for by, cases in rescaled.items()}
    return PartScores(
        cases=scored.count,
        model=scores["model"],
        baselines={by: scores[by] for by in baselines if by not in left_out},
        left_out=left_out,
        details=scored.details(rescaled),
        predictions=scored.predictions(made),
        series=scored.series(rescaled),
    )


def score_model(
    predictor: Predicts,
    data: DataSet,
    part: PartOf,
    names: Sequence[MetricName],
    *,
    season: int | None,
    units: Units,
    cases: int | None = None,
) -> dict[MetricName, float]:
    """The model's scores on every case of a part; raises as `score_part` does, and where there are not `cases`."""
    scored = scored_part(predictor, data, part, names, season=season, units=units)
    if cases not in (None, scored.count):
        rule = f"scores are compared on the same cases, and the model reads {scored.count} of `{part.name}`"
        raise Refused(f"{rule}: received {cases}; encode the rows alike")
    return scored.scores(scored.rescaled(scored.of_model()))


def scored_part(
    predictor: Predicts, data: DataSet, part: PartOf, names: Sequence[MetricName], *, season: int | None, units: Units
) -> Scored[Any]:
    """The cases of a part, once it is clear that every metric fits them."""
    scored = SCORED[predictor.kind](predictor, data, part, names, season, units)
    for index, name in enumerate(names):
        if scored.kind not in METRICS[name].fits:
            rule = f"`{name}` cannot score a {scored.kind}"
            raise Refused(f"{rule}: take {', '.join(fitting(scored.kind))}", at=("metrics", index))
        if METRICS[name].needs_season and season is None:
            rule = f"`{name}` needs the rows of a season, and none follows from the step between rows"
            raise Refused(f"{rule}: set `season`, or take another metric", at=("metrics", index))
    if scored.count == 0:
        rule = f"a part that is scored has at least one case, `{part.name}` has none"
        raise DataError(f"{rule}: give it more rows in `split`, or shorten the window")
    return scored


def metric_units(predictor: Predicts, data: DataSet, names: Sequence[MetricName], units: Units) -> dict[str, str]:
    """The unit of every score, in words; empty for a bare number."""
    own = SCORED[predictor.kind](predictor, data, PartOf.test, names, None, units).unit()
    words = {"data": own, "data²": f"{own} squared", "%": "%", "none": ""}
    return {name: words[METRICS[name].unit] for name in names}
