"""Scores as files: `scores.json`, `summary.json`, `predictions.parquet` and, for forecasts, `series.parquet`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from rnnlib.data.dataset import DataSet
from rnnlib.metrics.scored import Predicts, Units
from rnnlib.metrics.scoring import PartScores, metric_units
from rnnlib.metrics.table import METRICS, MetricName


def write_scores(
    folder: Path,
    found: Mapping[str, PartScores],
    *,
    predictor: Predicts,
    data: DataSet,
    names: Sequence[MetricName],
    season: int | None,
    units: Units,
) -> None:
    """Writes what `score_part` found of each part, and what the numbers mean: their units and their direction."""
    scores = {
        "units": units,
        "metrics": list(names),
        "metric_units": metric_units(predictor, data, names, units),
        "higher_is_better": {name: METRICS[name].higher_is_better for name in names},
        "model_kind": predictor.kind,
        "season": season,
        "parts": {part: _as_json(one) for part, one in found.items()},
    }
    write_json(folder / "scores.json", scores)
    write_json(folder / "summary.json", summary(scores))
    _together([one.predictions for one in found.values()]).write_parquet(folder / "predictions.parquet")
    if series := [one.series for one in found.values() if one.series is not None]:
        _together(series).write_parquet(folder / "series.parquet")


def summary(scores: Mapping[str, Any]) -> dict[str, str]:
    """A few facts of `scores.json` for people: the headline score of each part beside its best baseline."""
    name = scores["metrics"][0]
    pick = max if scores["higher_is_better"][name] else min
    unit = scores["metric_units"][name]
    facts = {}
    for part, one in scores["parts"].items():
        score = f"{one['model'][name]:.4g}{f' {unit}' if unit else ''}"
        beside = {by: own[name] for by, own in one["baselines"].items()}
        best = pick(beside, key=lambda by: beside[by]) if beside else None
        facts[f"{part} {name}"] = f"{score} ({best.replace('_', ' ')}: {beside[best]:.4g})" if best else score
    return facts


def write_json(file: Path, value: Any) -> None:
    """Writes a value as JSON, which has no NaN: where nothing was observed there is no score, but null."""
    file.write_text(json.dumps(_finite(value), indent=1, allow_nan=False, ensure_ascii=False), "utf-8")


def _as_json(part: PartScores) -> dict[str, Any]:
    scores = {"cases": part.cases, "model": part.model, "baselines": part.baselines, "left_out": part.left_out}
    return {**scores, **part.details}


def _together(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(tables, how="diagonal")  # a baseline may be left out of one part only


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
