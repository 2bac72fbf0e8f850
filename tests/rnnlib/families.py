"""The members of a family, and a small example of each: what conformance suites run over."""

from typing import Any, get_args

from pydantic.fields import FieldInfo

from rnnlib.part import Part


def members(family: Any) -> dict[str, type[Part]]:
    """The classes of an annotated union by their kind, those of installed packages included."""
    union, mark = get_args(family)
    return mark.members(union)


def example(part: type[Part], **fields: Any) -> Part:
    """A small one: required fields get the smallest sensible value, the others keep their defaults."""
    required = {name: _small(field) for name, field in part.model_fields.items() if field.is_required()}
    return part(**{**required, **fields})


def _small(field: FieldInfo) -> Any:
    values = {int: 4, float: 0.25, bool: True, str: "a"}
    return values[field.annotation]


def another(part: Part, name: str) -> Any:
    """A value of a field that differs from the one that `part` has."""
    annotation, value = type(part).model_fields[name].annotation, getattr(part, name)
    choices = [choice for choice in get_args(annotation) if choice != value]
    return (
        choices[0]
        if choices
        else {bool: lambda v: not v, int: lambda v: 2 * v, float: lambda v: (v + 1) / 2}[type(value)](value)
    )
