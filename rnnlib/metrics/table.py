"""Every metric by the name that a spec writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rnnlib.metrics.accuracy import Accuracy
from rnnlib.metrics.bits_per_character import BitsPerCharacter
from rnnlib.metrics.coverage import Coverage
from rnnlib.metrics.entity_f1 import EntityF1
from rnnlib.metrics.entity_precision import EntityPrecision
from rnnlib.metrics.entity_recall import EntityRecall
from rnnlib.metrics.macro_f1 import MacroF1
from rnnlib.metrics.mae import MAE
from rnnlib.metrics.mape import MAPE
from rnnlib.metrics.mase import MASE
from rnnlib.metrics.metric import LabelMetric, Metric, ModelKind, NumberMetric, TokenMetric
from rnnlib.metrics.mse import MSE
from rnnlib.metrics.nll import NLL
from rnnlib.metrics.perplexity import Perplexity
from rnnlib.metrics.rmse import RMSE
from rnnlib.metrics.smape import SMAPE
from rnnlib.metrics.wql import WQL

MetricName = Literal[
    "mase",
    "mae",
    "mse",
    "rmse",
    "mape",
    "smape",
    "wql",
    "coverage",
    "accuracy",
    "macro_f1",
    "nll",
    "entity_f1",
    "entity_precision",
    "entity_recall",
    "perplexity",
    "bits_per_character",
]
"""What a spec may write under `metrics`; a test keeps it in step with `METRICS`."""

NUMBER_METRICS: Mapping[MetricName, NumberMetric] = {
    MASE.name: MASE(),
    MAE.name: MAE(),
    MSE.name: MSE(),
    RMSE.name: RMSE(),
    MAPE.name: MAPE(),
    SMAPE.name: SMAPE(),
    WQL.name: WQL(),
    Coverage.name: Coverage(),
}
LABEL_METRICS: Mapping[MetricName, LabelMetric] = {
    Accuracy.name: Accuracy(),
    MacroF1.name: MacroF1(),
    NLL.name: NLL(),
    EntityF1.name: EntityF1(),
    EntityPrecision.name: EntityPrecision(),
    EntityRecall.name: EntityRecall(),
}
TOKEN_METRICS: Mapping[MetricName, TokenMetric | NLL] = {
    NLL.name: NLL(),
    Perplexity.name: Perplexity(),
    BitsPerCharacter.name: BitsPerCharacter(),
}
METRICS: Mapping[MetricName, Metric] = {**NUMBER_METRICS, **TOKEN_METRICS, **LABEL_METRICS}

USUAL: Mapping[ModelKind, tuple[MetricName, ...]] = {
    "forecaster": ("mase", "mae", "rmse", "smape"),
    "classifier": ("accuracy", "macro_f1"),
    "regressor": ("mae", "rmse"),
    "tagger": ("accuracy", "macro_f1", "nll"),
    "language_model": ("nll", "perplexity", "bits_per_character"),
}
"""What a model of each kind is scored by where the spec names no metric."""


def fitting(kind: ModelKind) -> tuple[MetricName, ...]:
    """The metrics that can score a model of this kind."""
    return tuple(name for name, metric in METRICS.items() if kind in metric.fits)


def usual(kind: ModelKind, season: int | None) -> tuple[MetricName, ...]:
    """The metrics for a spec that names none; those that need a season only where there is one."""
    return tuple(name for name in USUAL[kind] if season is not None or not METRICS[name].needs_season)
