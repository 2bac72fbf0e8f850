"""The step that puts rows into train, validation and test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from rnnlib.data.amounts import Amount, Extent
from rnnlib.data.dataset import DataSet
from rnnlib.data.leaks import leaks
from rnnlib.data.splits import AnySplit, SplitMethod, split
from rnnlib.data.splits.drawn import Stratify
from rnnlib.errors import misplaced
from tasks.base import Complaint, Lineage, Parts, Rows, Slot, Task, Value, Work
from tasks.load import Load
from tasks.store import Stored

_METHOD: TypeAdapter[SplitMethod] = TypeAdapter(AnySplit)


class Split(Task):
    """Puts rows into train, validation and test, and fills missing values within each part.

    `by: time`: the last rows of every series, the last characters of every text without a label. `random`: whole
    sequences. `group`: whole groups of them. `column`: the parts that the role `part` names. `files`: each file is of
    one part.
    """

    takes: ClassVar[Mapping[str, Slot]] = {"rows": Slot(Rows)}
    gives: ClassVar[type[Value]] = Parts

    task: Literal["split"] = "split"
    by: Literal["time", "random", "group", "column", "files"] = Field(..., description="what decides on the part")
    train: Extent | None = Field(
        None, description="how much, or for `files` which: what the other parts leave where absent; not for `column`"
    )
    validation: Extent | None = Field(
        None, description="how much, or for `files` which; for `column` and `files` an amount is held out from train"
    )
    test: Extent | None = Field(None, description="how much, or for `files` which; not for `column`")
    leave: Amount | None = Field(
        None, description="rows at the end of every series that are in no part, behind test; for `time`"
    )
    stratify: Stratify = Field(
        False, description="whether parts have the classes in one proportion; for `random`, `column` and `files`"
    )

    @model_validator(mode="after")
    def _spells_a_way_to_split(self) -> Self:
        try:
            self.method()
        except ValidationError as error:
            raise _in_place(self.by, error.errors(include_url=False)[0]) from error
        return self

    def method(self) -> SplitMethod:
        """The way to split that this section spells."""
        fields = ("train", "validation", "test", "leave", "stratify")
        given = {name: getattr(self, name) for name in fields if getattr(self, name) not in (None, False)}
        return _METHOD.validate_python({"by": self.by, **given})

    def draws(self) -> bool:
        """Which sequences go where is drawn; rows by time are not."""
        return self.by != "time"

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """What the roles lack for this way to split."""
        if (load := lineage.latest(Load)) is None:
            return
        roles = load[1].roles
        if self.by == "time" and not roles.target and not roles.tells_nothing_else:
            rule = "`by: time` cuts series with a `target`, and texts without a label, and these are whole sequences"
            yield Complaint(name, ("by",), f"{rule}: write `random`, `group`, `column` or `files`")
        for way, role, named in (("group", "group", roles.group), ("column", "part", roles.part)):
            if self.by == way and named is None:
                rule = f"`by: {way}` goes by the column that has the role `{role}`, and none has"
                yield Complaint(name, ("by",), f"{rule}: name it as `{role}` in the roles of `{load[0]}`")
        if self.stratify and roles.label is None:
            rule = "stratifying keeps the classes of the label in proportion, and no column has the role `label`"
            yield Complaint(name, ("stratify",), f"{rule}: leave it out")

    def perform(self, inputs: Mapping[str, Stored], at: Path, work: Work) -> None:
        """Assigns every row a part, fills what is missing, and notes the cuts."""
        data = split(DataSet.open(inputs["rows"].path), self.method(), work.seed)
        data.save(at, like=inputs["rows"].path)
        assert data.about.split is not None, "a split leaves its facts"
        facts = {
            f"{part} {name}": value
            for part, found in data.about.split["parts"].items()
            for name, value in found.items()
        }
        suspicious = () if data.having("target") else leaks(data, 0)
        for leak in suspicious:
            work.say(leak.sentence)
        noted = {"suspicious": "; ".join(leak.sentence for leak in suspicious)} if suspicious else {}
        (at / "summary.json").write_text(json.dumps({"by": self.by, **facts, **noted}, indent=1))


def _in_place(by: str, error: Mapping[str, Any]) -> PydanticCustomError:
    """What is wrong with the way to split, seen from the section; locations begin with the tag, which is no field."""
    at, context = error["loc"][1:], error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return misplaced(f"`{at[0]}` has no meaning with `by: {by}`: remove it", *at)
        case "missing":
            return misplaced(f"`by: {by}` needs `{at[0]}`: say how much, or which files", *at)
        case "refused":
            return misplaced(context["message"], *at, *context["at"])
        case _:
            return misplaced(f"`by: {by}`: {context.get('error', error['msg'])}", *at)
