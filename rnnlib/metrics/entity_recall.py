"""Recall of entities."""

from __future__ import annotations

from typing import ClassVar, Literal

from rnnlib.metrics.cases import Labels
from rnnlib.metrics.entities import found
from rnnlib.metrics.metric import LabelMetric, ModelKind


class EntityRecall(LabelMetric):
    """Recall of entities: the share of those that are there that are told, with their type and both ends.

    recall = right / true, over all entities of all types.

    Source: Tjong Kim Sang and De Meulder 2003, "Introduction to the CoNLL-2003 shared task".
    """

    name: ClassVar[Literal["entity_recall"]] = "entity_recall"
    higher_is_better: ClassVar[bool] = True
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"tagger"})

    def __call__(self, cases: Labels) -> float:
        """From 0 to 1; 0 where none is there but some are told. Raises as `entity_f1` does."""
        right, told, true = found(cases)
        return right / max(true, 1) if told + true else float("nan")
