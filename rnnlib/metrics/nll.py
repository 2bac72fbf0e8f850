"""The negative log-likelihood."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from rnnlib.metrics.cases import Labels
from rnnlib.metrics.metric import LabelMetric, ModelKind


class NLL(LabelMetric):
    """Negative log-likelihood: how little the model was surprised, in nats per step.

    NLL = −1/n Σ_t Σ_k log p(y_tk) over the n steps with a known tag; k runs over the columns of tags, so that several
    columns are summed, as is usual for piano rolls.

    Source: Boulanger-Lewandowski, Bengio and Vincent 2012, arXiv:1206.6392; Good 1952, "Rational decisions".
    """

    name: ClassVar[Literal["nll"]] = "nll"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"tagger"})

    def __call__(self, cases: Labels) -> float:
        """Nats per step; NaN where nothing is known, infinite where what came was held to be impossible."""
        if cases.probabilities is None or not cases.truth:
            return float("nan")
        place = {name: number for number, name in enumerate(cases.classes)}
        at = np.array([place.get(name, -1) for name in cases.truth])
        chosen = np.where(at < 0, 0.0, np.take_along_axis(cases.probabilities, np.maximum(at, 0)[:, None], 1)[:, 0])
        with np.errstate(divide="ignore"):
            return float(-np.log(chosen).sum() / (cases.steps or len(cases.truth)))
