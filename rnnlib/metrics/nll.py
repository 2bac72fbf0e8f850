"""The negative log-likelihood."""

from __future__ import annotations

from typing import ClassVar, Literal

from rnnlib.metrics.cases import Labels, Surprises
from rnnlib.metrics.metric import LabelMetric, ModelKind


class NLL(LabelMetric):
    """Negative log-likelihood: how little the model was surprised, in nats per step.

    NLL = −1/n Σ_t Σ_k log p(y_tk) over the n steps with a known tag; k runs over the columns of tags, so that several
    columns are summed, as is usual for piano rolls. The truth of a language model's step is the next token: there it is
    the cross-entropy per token.

    Source: Boulanger-Lewandowski, Bengio and Vincent 2012, arXiv:1206.6392; Good 1952, "Rational decisions".
    """

    name: ClassVar[Literal["nll"]] = "nll"
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"tagger", "language_model"})

    def __call__(self, cases: Labels | Surprises) -> float:
        """Nats per step; NaN where nothing is known, infinite where what came was held to be impossible."""
        return cases.nats_per_step
