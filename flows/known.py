"""What is known of the steps of a spec that does not hold: enough to check its chain, and nothing that is guessed.

A field that is wrong is left out of its section. What a review wants to know of it is not known, and it ends there:
only what is wrong whatever the field turns out to be is reported beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from flows.spec import task_classes
from flows.walk import field_names, part_at
from rnnlib.errors import Location, nearest
from rnnlib.part import Part
from tasks.base import Task


def immutable(value: Any) -> Any:
    """Plain values with tuples for lists, which is what strict validation takes for a tuple."""
    if isinstance(value, dict):
        return {key: immutable(item) for key, item in value.items()}
    return tuple(map(immutable, value)) if isinstance(value, list) else value


def known_steps(values: Any, wrong: Iterable[Location]) -> dict[str, Task] | None:
    """The sections of a spec, each with the fields that hold; none where it is not known what a step does.

    `wrong` says where something is wrong, as paths from the spec's top.
    """
    steps, places, tasks = values.get("steps"), set(wrong), task_classes()
    if not isinstance(steps, dict) or ("steps",) in places:
        return None
    known: dict[str, Task] = {}
    for name, section in steps.items():
        given = section.get("task", name) if isinstance(section, dict) else name
        task = given if given in tasks else nearest(given, tasks)
        if task is None or ("steps", name, "task") in places:
            return None
        below = {path[2:] for path in places if path[:2] == ("steps", name)}
        made = _known(tasks[task], section if isinstance(section, dict) else {}, below)
        assert isinstance(made, Task), "a task's class makes a task"
        known[name] = made
    return known


def _known(kind: type[Part], node: Mapping[str, Any], wrong: set[Location]) -> Part:
    """A part with the fields that hold: the others are not there, not even as their defaults."""
    names = field_names(kind)
    touched = {nearest(path[0], names) for path in wrong if path}  # a field that was misspelt is not known either
    section = kind.model_construct()
    section.__dict__.clear()
    for name, field in kind.model_fields.items():
        key = field.alias or name
        if key in ("kind", "task"):  # what the class was found by
            section.__dict__[name] = field.default
            continue
        below = {path[1:] for path in wrong if path and path[0] == key}
        if () in wrong or () in below or (key in touched and not below):
            continue
        try:
            section.__dict__[name] = _value(field, key, node, below)
        except _NotKnownError:
            continue
    return section


class _NotKnownError(Exception):
    pass


def _value(field: FieldInfo, key: str, node: Mapping[str, Any], wrong: set[Location]) -> Any:
    if key not in node:
        if field.is_required():
            raise _NotKnownError
        return field.get_default(call_default_factory=True)
    value = node[key]
    if wrong:
        kind = part_at(field, value)
        if kind is None:
            raise _NotKnownError
        return _known(kind, value, wrong)
    if key == "from" and isinstance(value, str):
        return (value,)
    try:
        return TypeAdapter(field.rebuild_annotation()).validate_python(immutable(value), strict=True)
    except ValidationError as error:
        raise _NotKnownError from error
