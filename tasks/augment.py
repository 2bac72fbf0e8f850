"""The step that says how training windows are changed at random."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from rnnlib.data.acceptance import AnyAcceptance
from rnnlib.data.augmentations import AnyAugmentation
from rnnlib.data.dataset import DataSet
from rnnlib.errors import Refused, misplaced
from tasks.base import Complaint, Lineage, Parts, Slot, Task, Value, Work
from tasks.load import Load
from tasks.store import Stored

_OPS: TypeAdapter[tuple[AnyAugmentation, ...]] = TypeAdapter(tuple[AnyAugmentation, ...])


class Augment(Task):
    """Names the augmentations of the train part, done in order, anew in every epoch; other parts stay as they are."""

    takes: ClassVar[Mapping[str, Slot]] = {"parts": Slot(Parts)}
    gives: ClassVar[type[Value]] = Parts

    task: Literal["augment"] = "augment"
    ops: tuple[AnyAugmentation, ...] = Field(
        ..., min_length=1, max_length=64, description="the augmentations, in the order in which they are done"
    )
    accept: AnyAcceptance | None = Field(
        None, description="`validation` keeps them only where they win on validation data; left out: they are kept"
    )

    @model_validator(mode="after")
    def _one_mixes_labels(self) -> Self:
        for position, message in self._mixing(()):
            raise misplaced(message, "ops", position)
        return self

    def _mixing(self, earlier: Iterable[AnyAugmentation]) -> Iterator[tuple[int, str]]:
        """Which of these operations find labels mixed that they cannot have mixed, behind those of earlier steps."""
        mixed = next((op.kind for op in earlier if op.mixes), None)
        for position, op in enumerate(self.ops):
            if mixed is not None and op.mixes:
                rule = "a truth is mixed of two, so one operation of a policy may mix labels"
                yield position, f"{rule}: received `{mixed}` and `{op.kind}`; take one out"
            elif mixed is not None and op.pairs:
                rule = f"`{op.kind}` averages two of one class, and behind `{mixed}` an example is of two"
                yield position, f"{rule}: put it first"
            elif op.mixes:
                mixed = op.kind

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """Some augmentations are not for forecasters, nor for what an earlier step has mixed."""
        earlier = [op for section in lineage.sections.values() if isinstance(section, Augment) for op in section.ops]
        yield from (Complaint(name, ("ops", at), message) for at, message in self._mixing(earlier))
        if (load := lineage.latest(Load)) is not None and load[1].roles.target:
            yield from (Complaint(name, ("ops", at), message) for at, message in self._not_for_forecasters())
        if load is not None and load[1].roles.text is not None:
            for position, op in enumerate(self.ops):
                if "tokens" not in op.works_on:
                    rule = f"`{op.kind}` computes with numbers, and the tokens of a text are names"
                    yield Complaint(name, ("ops", position), f"{rule}: take it out, or use one for texts")

    def perform(self, inputs: Mapping[str, Stored], at: Path, _work: Work) -> None:
        """Notes the augmentations: the loop draws them from (seed, epoch, batch)."""
        data = DataSet.open(inputs["parts"].path)
        if data.having("target"):
            for position, message in self._not_for_forecasters():
                raise Refused(message, at=("ops", position))
        for position, op in enumerate(self.ops):
            if (why := op.unfit(data.about)) is not None:
                raise Refused(why, at=("ops", position))
        for position, message in self._mixing(_OPS.validate_python(data.about.augment)):
            raise Refused(message, at=("ops", position))
        ops = (*data.about.augment, *(op.model_dump(mode="json") for op in self.ops))
        accept = data.about.accept if self.accept is None else self.accept.model_dump(mode="json")
        data.with_about(augment=ops, accept=accept).save(at, like=inputs["parts"].path)
        (at / "summary.json").write_text(json.dumps({"augmentations": ", ".join(op["kind"] for op in ops)}, indent=1))

    def _not_for_forecasters(self) -> Iterator[tuple[int, str]]:
        for position, op in enumerate(self.ops):
            if "forecaster" not in op.fits:
                models = ", ".join(f"{model}s" for model in sorted(op.fits))
                rule = f"`{op.kind}` is for {models}: in a forecast steps have their place and columns their role"
                yield position, f"{rule}; take it out"
