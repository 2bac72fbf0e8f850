"""The step that brings values to a common scale."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from rnnlib.data.dataset import DataSet
from rnnlib.data.normalizers import AnyNormalizer, Normalizer
from rnnlib.data.transforms import fit_transforms, transformed
from rnnlib.errors import misplaced
from tasks.base import Complaint, Lineage, Parts, Slot, Task, Value, Work
from tasks.load import Load
from tasks.store import Stored

ROLES = ("target", "past", "future", "features", "static", "label")


class Normalize(Task):
    """Brings the columns of each role to a common scale: fitted once, on what was observed in the train rows.

    What is fitted travels with the model; scores and predictions are brought back to data units. A role that is not
    named keeps its values, and so do columns of words and tokens.
    """

    takes: ClassVar[Mapping[str, Slot]] = {"parts": Slot(Parts)}
    gives: ClassVar[type[Value]] = Parts

    task: Literal["normalize"] = "normalize"
    target: AnyNormalizer | None = Field(None, description="for the columns to forecast")
    past: AnyNormalizer | None = Field(None, description="for covariates that are known up to the present")
    future: AnyNormalizer | None = Field(None, description="for covariates that are known ahead")
    features: AnyNormalizer | None = Field(None, description="for the columns of whole sequences")
    static: AnyNormalizer | None = Field(None, description="for values that a whole sequence has")
    label: AnyNormalizer | None = Field(None, description="for labels that are numbers")

    @model_validator(mode="after")
    def _names_a_role(self) -> Self:
        if not self.normalizers():
            raise misplaced(f"`normalize` needs a role to work on, received none: name one of {', '.join(ROLES)}")
        for role in ("static", "label"):
            if (normalizer := self.normalizers().get(role)) is None:
                continue
            if normalizer.fits_each == "series":
                rule = f"`per: series` fits on a series' own rows, and `{role}` has one value per sequence"
                raise misplaced(f"{rule}: write `per: all`", role, "per")
            if normalizer.looks_back:
                rule = f"differences are taken from row to row, and `{role}` has one value per sequence"
                raise misplaced(f"{rule}: leave them out", role)
        return self

    def normalizers(self) -> dict[str, Normalizer]:
        """The normalizers by role."""
        return {role: one for role in ROLES if (one := getattr(self, role)) is not None}

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """Roles that the data does not have, or that an earlier step has brought to a scale already."""
        load = lineage.latest(Load)
        for role in self.normalizers():
            if load is not None and not getattr(load[1].roles, role):
                having = ", ".join(f"`{other}`" for other in ROLES if getattr(load[1].roles, other))
                message = f"the data has no `{role}`, the roles of `{load[0]}` name {having}: take one of these"
                yield Complaint(name, (role,), message)
            for step, section in lineage.sections.items():
                if isinstance(section, Normalize) and role in section.normalizers():
                    rule = f"a role is brought to a scale once, and `{step}` has done so with `{role}`"
                    yield Complaint(name, (role,), f"{rule}: name it in one of the two steps")

    def perform(self, inputs: Mapping[str, Stored], at: Path, _work: Work) -> None:
        """Fits on train rows and writes the values in model units beside those in data units."""
        data = DataSet.open(inputs["parts"].path)
        before = {role: state for role, state in data.about.transforms.items() if role not in self.normalizers()}
        data = transformed(data, {**before, **fit_transforms(data, self.normalizers())})
        data.save(at, like=inputs["parts"].path)
        kinds = {role: str(one.model_dump()["kind"]) for role, one in self.normalizers().items()}
        (at / "summary.json").write_text(json.dumps(kinds, indent=1))
