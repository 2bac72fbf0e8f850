"""The task `evaluate`: scores of a model beside its baselines, on every case of the held-out parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.holdout import intact
from rnnlib.errors import misplaced
from rnnlib.metrics.scored import Units
from rnnlib.metrics.scoring import PartScores, score_part
from rnnlib.metrics.seasonal import season_of
from rnnlib.metrics.stored import write_json, write_scores
from rnnlib.metrics.table import METRICS, MetricName, fitting, usual
from rnnlib.models.heads import DistributionHead
from tasks.base import Complaint, Lineage, Parts, Predictor, Scores, Slot, Task, Value, Work
from tasks.normalize import Normalize
from tasks.store import Stored
from tasks.train import Train

ScoredPart = Literal["train", "validation", "test"]
HELD_OUT: tuple[ScoredPart, ...] = ("validation", "test")


class Evaluate(Task):
    """Scores a model and the baselines beside it on the same cases; every score names its unit.

    A forecaster stands beside naive, seasonal naive and drift, a classifier beside the most frequent class, a
    regressor beside the mean, a tagger beside the frequencies of the train part, a language model beside those of
    tokens and of pairs of tokens. Writes `scores.json`, `scored.json`, `predictions.parquet` and, for forecasts,
    `series.parquet`.
    """

    takes: ClassVar[Mapping[str, Slot]] = {"model": Slot(Predictor), "data": Slot(Parts, along="model")}
    gives: ClassVar[type[Value]] = Scores

    task: Literal["evaluate"] = "evaluate"
    metrics: Annotated[tuple[MetricName, ...], Field(min_length=1, max_length=len(METRICS))] | None = Field(
        None,
        description="the scores, the first of them the headline; left out: mase (where a season is known), mae, rmse "
        "and smape for a forecaster, accuracy and macro_f1 for a classifier, mae and rmse for a regressor, accuracy, "
        "macro_f1 and nll for a tagger, nll, perplexity and bits_per_character for a language_model",
    )
    units: Units = Field(
        "data",
        description="`data`: as the data came; `normalized`: on the scale of `normalize`, as in published tables",
    )
    season: int | None = Field(
        None,
        ge=2,
        le=1_000_000,
        description="rows of a season, for mase and seasonal naive; left out: what the step between rows suggests "
        "(1h: 24, 1d: 7, 1w: 52, 1mo: 12)",
    )
    parts: Annotated[tuple[ScoredPart, ...], Field(min_length=1, max_length=3)] | None = Field(
        None, description="the parts that are scored; left out: validation and test, as far as the split made them"
    )

    @field_validator("metrics", "parts")
    @classmethod
    def _each_once(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for index, name in enumerate(value or ()):
            if name in (value or ())[:index]:
                raise misplaced(f"each stands once: received `{name}` again; remove it", index)
        return value

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """What does not fit the kind of model that the chain trains."""
        train = lineage.latest(Train)
        if train is None:
            return
        kind = train[1].model.kind
        for index, metric in enumerate(self.metrics or ()):
            if kind not in METRICS[metric].fits:
                message = f"`{metric}` cannot score a {kind}: take {', '.join(fitting(kind))}"
                yield Complaint(name, ("metrics", index), message)
            elif METRICS[metric].needs_quantiles and not isinstance(train[1].model.head, DistributionHead):
                rule = f"`{metric}` scores quantiles, and the head of `{train[0]}` gives points"
                message = f"{rule}: take `mae`, or a head such as `quantile`"
                yield Complaint(name, ("metrics", index), message)
        if kind != "forecaster" and self.season is not None:
            message = f"a season is for forecasts, and `{train[0]}` trains a {kind}: remove `season`"
            yield Complaint(name, ("season",), message)
        if self.units == "normalized":
            yield from self._review_units(name, kind, lineage)

    def _review_units(self, name: str, kind: str, lineage: Lineage) -> Iterator[Complaint]:
        role = {"forecaster": "target", "regressor": "label"}.get(kind)
        if role is None:
            yield Complaint(name, ("units",), f"the scores of a {kind} have no unit: remove `units`")
            return
        normalize = lineage.latest(Normalize)
        if normalize is None or role not in normalize[1].normalizers():
            message = f"`units: normalized` needs a `normalize` step that has a transform of `{role}`: add one"
            yield Complaint(name, ("units",), message)
        elif normalize[1].normalizers()[role].looks_back:
            rule = f"a score compares value with value, and `{normalize[0]}` takes differences of `{role}`"
            yield Complaint(name, ("units",), f"{rule}, which rest on earlier rows: write `units: data`")

    def perform(self, inputs: Mapping[str, Stored], at: Path, work: Work) -> None:
        """Scores every case of each part, and writes the scores and what they rest on."""
        from rnnlib.bundle import open_bundle
        from rnnlib.predictor import Predictor as Opened

        data = intact(DataSet.open(inputs["data"].path))
        model = Opened(open_bundle(inputs["model"].path / "bundle"))
        season = self.season or (season_of(data.about.time.every) if data.about.time else None)
        names = self.metrics or usual(model.kind, season)
        asked = self.parts or tuple(part for part in HELD_OUT if data.rows_of(PartOf[part]).any())
        found: dict[str, PartScores] = {}
        for number, part in enumerate(asked):
            work.progress(number, len(asked), f"scoring {part}")
            found[part] = score_part(model, data, PartOf[part], names, season=season, units=self.units)
        write_scores(at, found, predictor=model, data=data, names=names, season=season, units=self.units)
        write_json(at / "scored.json", {**_origins(inputs), "holdout": data.about.holdout})


def _origins(inputs: Mapping[str, Stored]) -> dict[str, str]:
    """The keys and digests of the model and the data that were scored."""
    keys = {name: stored.path.name for name, stored in inputs.items()}
    return {**keys, **{f"{name}_digest": stored.digest for name, stored in inputs.items()}}
