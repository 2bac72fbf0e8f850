"""Specs of forecasts with distributions: what passes `rnn check`, and what it refuses in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.check import check_text
from flows.problems import SpecError

SPEC = """\
version: 1
name: load-forecast
steps:
  load:
    source: {kind: parquet, path: data/load/*.parquet}
    roles: {series: meter, time: ts, target: [kwh], past: [price], future: [temp, holiday], static: [region]}
    every: 1h
    missing: {fill: interpolate, at_most: 3, otherwise: mask}
  split: {by: time, validation: 28d, test: 28d}
  normalize: {target: {kind: standard, per: series}, past: {kind: robust}}
  window: {context: 168, horizon: 24}
  train:
    model:
      kind: forecaster
      layers:
        - {kind: conv1d, filters: 32, kernel: 5}
        - {kind: lstm, units: 128, layers: 2, dropout: 0.1}
        - {kind: attention, heads: 4}
      head: {kind: quantile, levels: [0.1, 0.5, 0.9]}
    clip: 1.0
    batch: 256
    early_stopping: {patience: 6}
  evaluate: {metrics: [mase, wql, mae]}
  register:
    model: load-forecast
    promote: {alias: champion, when: {metric: wql, beats: [champion, seasonal_naive], by: 1%}}
"""


def checked(text: str):
    return check_text(text, Path("/nowhere/spec.yaml"), "spec.yaml").spec


def test_the_forecast_of_the_design_passes_and_its_loss_has_the_heads_levels() -> None:
    assert checked(SPEC).steps["train"].model.loss.levels == (0.1, 0.5, 0.9)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("levels: [0.1, 0.5, 0.9]", "levels: [0.1, 0.9, 0.5]", 19, "levels rise: received 0.5 after 0.9"),
        ("levels: [0.1, 0.5, 0.9]", "levels: [0.1, 0.9]", 19, "received levels 0.1, 0.9; add 0.5"),
        ("{kind: quantile, levels: [0.1, 0.5, 0.9]}", "{kind: negative_binomial}", 10, "leave `target` out"),
        ("{kind: quantile, levels: [0.1, 0.5, 0.9]}", "{kind: point}", 23, "`wql` scores quantiles, and the head"),
        ("0.9]}\n", "0.9]}\n      loss: {kind: mse}\n", 20, "takes values: received mse; use quantile"),
        ("0.9]}\n", "0.9]}\n      loss: {kind: quantile, levels: [0.5]}\n", 20, "are those of the head"),
    ],
)
def test_what_does_not_fit_is_refused_in_place(old: str, new: str, line: int, message: str) -> None:
    with pytest.raises(SpecError) as refused:
        checked(SPEC.replace(old, new))
    assert [(problem.line, message in problem.message) for problem in refused.value.problems] == [(line, True)]
