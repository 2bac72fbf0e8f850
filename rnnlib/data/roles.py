"""Roles: what each column of a source is for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_validator

from rnnlib.data.about import Column, Holds, Role
from rnnlib.errors import Location, misplaced
from rnnlib.part import Part


def _list_of_one(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Name = Annotated[str, Field(min_length=1, max_length=1000)]
Names = Annotated[
    tuple[Name, ...],
    Field(max_length=100_000),
    BeforeValidator(_list_of_one, json_schema_input_type=Name | tuple[Name, ...]),
]
"""Column names; a single name may stand for a list of one."""

VALUES: tuple[Role, ...] = ("target", "past", "future", "features")
"""The roles whose columns make up the flat array, in its order."""

SINGLE = ("series", "time", "sample", "text", "label", "group", "part")
"""The roles that one column has."""

FORECAST = ("series", "target", "past", "future")
WHOLE = ("sample", "text", "features", "label", "tags")
TRUTH = ("label", "tags")
"""What can be told of a whole sequence: one truth for all of it, or one for each of its steps."""


class Place(NamedTuple):
    """Where a column stands in the roles: `roles.past[2]`."""

    role: str
    column: str
    at: Location


class Roles(Part):
    """What each column is for. A forecast has `target` columns; a class or a number per sequence has a `label`.

    Forecasting: `target` (what is predicted), with `past` and `future` covariates (known up to now; known ahead),
    one series for each value of `series`, or a single one. Whole sequences: the rows of one `sample` are one
    sequence of `features`, with one `label`, or with `tags`, the truths of its single steps. Texts: every row has one
    `text`, a sequence of characters, with a `label`, or with none where the next token is what is learned.
    """

    series: Name | None = Field(None, description="the column that names the series; without it all rows are one")
    time: Name | None = Field(None, description="the column of times; without it rows follow each other as they stand")
    sample: Name | None = Field(None, description="the column that names the sample: its rows are one sequence")
    text: Name | None = Field(None, description="the column of texts: every row is one sequence of characters")
    target: Names = Field((), description="the columns to forecast")
    past: Names = Field((), description="covariates that are known up to the present")
    future: Names = Field((), description="covariates that are known ahead, over the horizon")
    features: Names = Field((), description="the input columns of a sample")
    label: Name | None = Field(None, description="the class or the number to predict for each sample")
    tags: Names = Field(
        (),
        description="what to predict for each step of a sample: one column of classes, or one or more of numbers; "
        "an empty one is not known, and counts in no loss and no score",
    )
    static: Names = Field((), description="numbers (or categories) that are constant within a sequence")
    categorical: Names = Field(
        (), description="which of the past, future, feature and static columns hold categories; `encode` numbers them"
    )
    group: Name | None = Field(None, description="the column whose values a split by group keeps together")
    part: Name | None = Field(None, description="the column of official parts: train, validation or test")

    @model_validator(mode="after")
    def _one_kind_of_question(self) -> Self:
        whole, forecast = self._used(WHOLE), self._used(FORECAST)
        if whole and forecast:
            rule = "a forecast has `target`, a whole sequence has `sample`, `features` and `label` or `tags`"
            raise misplaced(f"{rule}: received both `{forecast[0]}` and `{whole[0]}`; keep one kind", whole[0])
        if self.label and self.tags:
            rule = "a sequence has one `label`, or `tags` of its steps"
            raise misplaced(f"{rule}: received `{self.label}` and `{self.tags[0]}`; take one of the roles out", "tags")
        needed = ("sample", "features", "tags" if self.tags else "label") if whole else ("target",)
        if self.text is not None:
            self._refuse_beside_text()
            needed = ("text",)
        lacking = [role for role in needed if not getattr(self, role)]
        if lacking:
            seen = f"received {', '.join(f'`{role}`' for role in whole)}" if whole else "received none"
            rule = f"roles need {' and '.join(f'`{role}`' for role in lacking)}, the columns to {_PURPOSE[lacking[0]]}"
            raise misplaced(f"{rule}: {seen}; name the columns")
        return self

    def _refuse_beside_text(self) -> None:
        for role in ("features", "tags", "time"):
            if getattr(self, role):
                rule = "a text is a sequence by itself, one for each row"
                remedy = "leave it out; words that have tags are rows, their column a feature that is categorical"
                raise misplaced(f"{rule}: received `{role}` beside `text`; {remedy}", role)

    @model_validator(mode="after")
    def _categories_are_inputs(self) -> Self:
        known = (*self.past, *self.future, *self.features, *self.static)
        for at, name in enumerate(self.categorical):
            if name not in known:
                rule = "categories are past, future, feature or static columns"
                remedy = "give it one of these roles, or leave it out here"
                raise misplaced(f"{rule}: received `{name}`; {remedy}", "categorical", at)
        return self

    @model_validator(mode="after")
    def _one_role_for_each_column(self) -> Self:
        for places in (self._places(without="tags"), self._places(without="features")):
            count = Counter(place.column for place in places)
            for place in reversed(places):
                if count[place.column] > 1:
                    roles = [other.role for other in places if other.column == place.column]
                    rule = f"a column has one role: `{place.column}` stands under {' and '.join(roles)}"
                    raise misplaced(f"{rule}; remove it from one", *place.at)
        return self

    def _places(self, without: str) -> list[Place]:
        """A column may be a feature and a tag at once: each of these roles is looked at without the other."""
        return [place for place in self.places() if place.role != without]

    def _used(self, roles: tuple[str, ...]) -> list[str]:
        return [role for role in roles if getattr(self, role)]

    def places(self) -> Iterator[Place]:
        """Every column that has a role, and where the roles name it."""
        for role in SINGLE:
            if column := getattr(self, role):
                yield Place(role, column, (role,))
        for role in (*VALUES, "tags", "static"):
            for position, column in enumerate(getattr(self, role)):
                yield Place(role, column, (role, position))

    @property
    def key(self) -> str | None:
        """The column that tells the sequences apart."""
        return self.series or self.sample

    @property
    def tells_nothing_else(self) -> bool:
        """Whether these are texts whose next token is all that can be learned of them."""
        return self.text is not None and not self.label and not self.tags

    def names(self) -> dict[str, str]:
        """The columns of the roles that one column has, by role."""
        return {role: column for role in SINGLE if (column := getattr(self, role))}

    def columns(self, units: Mapping[str, str]) -> tuple[Column, ...]:
        """The columns of the flat array, in its order."""
        if self.text is not None:
            return (Column(name=self.text, role="features", holds="characters"),)
        return tuple(
            Column(name=name, role=role, unit=units.get(name), holds=self._holds(name))
            for role in VALUES
            for name in getattr(self, role)
        )

    def _holds(self, name: str) -> Holds:
        return "words" if name in self.categorical else "numbers"


_PURPOSE = {
    "target": "forecast",
    "sample": "tell the samples apart",
    "features": "learn from",
    "label": "predict",
}
