"""Follows a pydantic location through the spec's classes and through the document it came from."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from rnnlib.errors import Location
from rnnlib.part import Family, Part


class Found(NamedTuple):
    """Where a location leads.

    The path as it is written, the value there, the class around it, its field, and the tags that are known there.
    """

    path: Location
    value: Any
    owner: type[Part] | None
    field: FieldInfo | None
    tags: tuple[str, ...] = ()


def follow(root: type[Part], document: Any, location: Sequence[str | int]) -> Found:
    """Walks `location` down from `root`, leaving out the tags that pydantic puts into it.

    It stops where the document's value is a plain one: what pydantic adds below names a member of a union of types.
    """
    annotation: Any = root
    metadata: Sequence[Any] = ()
    owner: type[Part] | None = None
    field: FieldInfo | None = None
    path: list[str | int] = []
    value = document
    for part in location:
        members = _members(annotation, metadata)
        if part in members:
            annotation, metadata = members[str(part)], ()
            continue
        if (path and not isinstance(value, Mapping | Sequence)) or isinstance(value, str):
            break
        target = _part(annotation)
        if target is not None:
            known = _field(target, str(part))
            owner, field = target, known
            annotation, metadata = (known.annotation, known.metadata) if known else (None, ())
        else:
            annotation, metadata = _element(annotation)
        if isinstance(value, Mapping) and part not in value and not isinstance(part, str):
            break
        path.append(part)
        value = _child(value, part)
    return Found(tuple(path), value, owner, field, tuple(_members(annotation, metadata)))


def part_at(field: FieldInfo, value: Any) -> type[Part] | None:
    """The class of the section `value` that stands in `field`; none where it is no section, or of no known kind."""
    if not isinstance(value, Mapping):
        return None
    members = _members(field.annotation, field.metadata)
    return members.get(str(value.get("kind"))) if members else _part(field.annotation)


def field_names(owner: type[Part]) -> list[str]:
    """The names that a spec may write in a section, as it writes them; the tag last."""
    names = [field.alias or name for name, field in owner.model_fields.items()]
    return sorted(names, key=lambda name: name in ("kind", "task"))


def _field(owner: type[Part], name: str) -> FieldInfo | None:
    return next((field for key, field in owner.model_fields.items() if name in (key, field.alias)), None)


def _child(value: Any, part: str | int) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        return None


def _bare(annotation: Any) -> Any:
    return annotation.__origin__ if get_origin(annotation) is Annotated else annotation


def _members(annotation: Any, metadata: Sequence[Any]) -> Mapping[str, type[Part]]:
    """The members of the family that stands here, also where it is optional; none where there is no family."""
    marks = [*metadata, *getattr(annotation, "__metadata__", ())]
    family = next((mark for mark in marks if isinstance(mark, Family)), None)
    if family is not None:
        return family.members(_bare(annotation))
    if get_origin(annotation) in (Union, types.UnionType):
        inner = (_members(argument, ()) for argument in get_args(annotation))
        return next((members for members in inner if members), {})
    return {}


def _part(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, Annotated):
        found = [part for part in map(_part, get_args(annotation)) if part is not None]
        return found[0] if len(found) == 1 else None
    return None


def _element(annotation: Any) -> tuple[Any, Sequence[Any]]:
    """The type of what a collection holds: the value of a mapping, the item of a sequence."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType, Annotated):
        for argument in get_args(annotation):
            inner = _element(argument)
            if inner[0] is not None:
                return inner
        return None, ()
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    if not arguments or not isinstance(origin, type):
        return None, ()
    inner_type = arguments[-1]
    return inner_type, getattr(inner_type, "__metadata__", ())
