"""What a model's section leaves to the data: how its classes weigh, and whether its target is what it forecasts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnlib.data.batching.labels import class_ids
from rnnlib.data.data_units import exact_ahead
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.tags import tag_values
from rnnlib.errors import DataError, Refused
from rnnlib.models import Tagger
from rnnlib.models.heads import DistributionHead
from rnnlib.models.losses import ClassLoss
from rnnlib.training.section import Training


def settled(section: Training, data: DataSet, classes: tuple[str, ...] | None) -> Training:
    """The section with a loss that knows what each of `classes` weighs, by the train part alone.

    Raises `ModelError` for a weight of a class that there is not, `Refused` where a tied head's classes are not the
    tokens that it reads, `DataError` where counts are forecast and the target holds something else, `Refused` where it
    holds counts no more because it was brought to another scale, or differences whose quantiles are asked for further
    ahead than their lag.
    """
    model = section.model
    if isinstance(model.head, DistributionHead) and model.head.counts:
        _refuse_what_counts_nothing(model.head, data)
    if isinstance(model.head, DistributionHead):
        _refuse_quantiles_of_sums(model.head, data)
    if isinstance(model, Tagger) and model.tied:
        _refuse_classes_that_are_no_tokens(classes)
    if not isinstance(model.loss, ClassLoss) or model.loss.class_weights is None:
        return section
    assert classes is not None, "a loss of logits is trained on classes"
    loss = model.loss.weighing(class_counts(data, classes))
    return section.model_copy(update={"model": model.model_copy(update={"loss": loss})})


def class_counts(data: DataSet, classes: tuple[str, ...]) -> Mapping[str, int]:
    """How many sequences of the train part, or how many of its steps, each class has."""
    if data.tags is not None:
        tags = data.tags[data.rows_of(PartOf.train), 0]
        values = tag_values(data, classes).numpy()
        return {name: int((tags == value).sum()) for name, value in zip(classes, values, strict=True)}
    train = np.flatnonzero(data.rows_of(PartOf.train)[data.offsets[:-1]])
    found = np.bincount(class_ids(data, train, classes).numpy(), minlength=len(classes))
    return dict(zip(classes, found.tolist(), strict=True))


def _refuse_classes_that_are_no_tokens(classes: tuple[str, ...] | None) -> None:
    assert classes is not None, "a tied head tells classes"
    tokens = tuple(str(number) for number in range(len(classes)))
    if classes != tokens:
        odd = next(name for name, token in zip(classes, tokens, strict=True) if name != token)
        rule = f"with `tied` class i is token i, so the train part's tags are the numbers from 0 to {len(classes) - 1}"
        at = ("model", "head", "tied")
        raise Refused(f"{rule}: received `{odd}`; write the tokens themselves as tags, or leave `tied` out", at=at)


def _refuse_quantiles_of_sums(head: DistributionHead, data: DataSet) -> None:
    ahead, horizon = exact_ahead(data.about.transforms), (data.about.window or {}).get("horizon", 0)
    if ahead is not None and horizon > ahead:
        rule = "a forecast of differences is summed up, and the quantile of a sum is not the sum of quantiles"
        received = f"with the head `{head.kind}` the horizon is at most the shortest lag, {ahead}: received {horizon}"
        remedy = "use the head `point`, `seasonal_difference` alone, or `relative_to: last` instead of `difference`"
        raise Refused(f"{rule}; {received}; {remedy}", at=("model", "head", "kind"))


def _refuse_what_counts_nothing(head: DistributionHead, data: DataSet) -> None:
    if "target" in data.about.transforms:
        rule = f"the head `{head.kind}` forecasts counts as they came, and `normalize` scales the target"
        raise Refused(f"{rule}: take `target` out of it, or use the head `student_t`", at=("model", "head", "kind"))
    for position in data.having("target"):
        values = data.raw[:, position]
        values = values[np.isfinite(values)]
        odd = values[(values < 0) | (values != np.round(values))]
        if odd.size:
            rule = f"the head `{head.kind}` forecasts counts, whole numbers from 0 up: received {odd[0]:g}"
            raise DataError(f"{rule}; use the head `student_t`", column=data.about.columns[position].name)
