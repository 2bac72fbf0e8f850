"""F1 of entities."""

from __future__ import annotations

from typing import ClassVar, Literal

from rnnlib.metrics.cases import Labels
from rnnlib.metrics.entities import found
from rnnlib.metrics.metric import LabelMetric, ModelKind


class EntityF1(LabelMetric):
    """F1 of entities: told right where the type and both ends are right.

    F1 = 2 right / (told + true), over all entities of all types.

    Source: Tjong Kim Sang and De Meulder 2003, "Introduction to the CoNLL-2003 shared task".
    """

    name: ClassVar[Literal["entity_f1"]] = "entity_f1"
    higher_is_better: ClassVar[bool] = True
    fits: ClassVar[frozenset[ModelKind]] = frozenset({"tagger"})

    def __call__(self, cases: Labels) -> float:
        """From 0 to 1; NaN where there is no entity. Raises `Refused` where tags are in no IOB2 form."""
        right, told, true = found(cases)
        return 2 * right / (told + true) if told + true else float("nan")
