"""The base of everything a spec can name: frozen, closed, documented."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoints, distributions
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from rnnlib.errors import misplaced


class Facts(BaseModel):
    """A value that is stored: frozen, closed, finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Part(Facts):
    """A section of a spec that is also the implementation's own class.

    A part has one verb: it *does* (pure), *fits* (returns a small state that is stored with the model), or *builds*.
    """

    @model_validator(mode="after")
    def _references_stand_where_they_are_resolved(self) -> Self:
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, str) and "${" in value and Resolvable not in field.metadata:
                rule = "`${env:…}` and `${secret:…}` are resolved only in the paths of sources, not here"
                raise misplaced(f"{rule}: received {value!r}; write the value itself", field.alias or name)
        return self


class Resolvable:
    """Marks a text field in which `${env:NAME}` and `${secret:NAME}` are resolved when it is used."""


class Family:
    """Marks a union of parts as a family: its members are told apart by one field, `kind` unless said otherwise.

    Installed packages add members through the entry-point group `rnnlib.<name>`, read once when the union is built:

        AnyAugmentation = Annotated[Jitter | Scaling, Family("augmentation")]
    """

    def __init__(self, name: str, tag: str = "kind") -> None:
        self.name = name
        self.tag = tag

    def members(self, union: Any) -> dict[str, type[Part]]:
        """The family's classes by their tag's value, those of installed packages included."""
        own = get_args(union) or (union,)
        return {str(member.model_fields[self.tag].default): member for member in (*own, *_installed(self.name))}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {tag: handler.generate_schema(member) for tag, member in self.members(source).items()}
        return core_schema.tagged_union_schema(choices, discriminator=self.tag)


@cache
def _entries() -> EntryPoints:
    """What installed packages offer: read once, since every reading opens a file of each of them."""
    return EntryPoints(entry for distribution in distributions() for entry in distribution.entry_points)


@cache
def _installed(family: str) -> tuple[type[Part], ...]:
    found = tuple(entry.load() for entry in _entries().select(group=f"rnnlib.{family}"))
    for member in found:
        if not (inspect.isclass(member) and issubclass(member, Part)):
            raise TypeError(
                f"the entry-point group rnnlib.{family} takes subclasses of rnnlib.part.Part, not {member!r}"
            )
    return found


def families(root: type[Part]) -> Mapping[str, dict[str, type[Part]]]:
    """Every family that can be reached from `root`: its name, and its members by their tag's value."""
    found: dict[str, dict[str, type[Part]]] = {}
    _collect(root, found, set())
    return found


def parts(root: type[Part]) -> list[type[Part]]:
    """Every part that can be reached from `root`, itself first, each once."""
    seen: dict[type[Part], None] = {}

    def visit(part: type[Part]) -> None:
        if part not in seen:
            seen[part] = None
            for child in children(part):
                visit(child)

    visit(root)
    return list(seen)


def children(part: type[Part]) -> Iterator[type[Part]]:
    """The parts that stand directly in the fields of `part`."""
    for field in part.model_fields.values():
        yield from _named(field.annotation, field.metadata)


def _collect(part: type[Part], found: dict[str, dict[str, type[Part]]], seen: set[type[Part]]) -> None:
    if part in seen:
        return
    seen.add(part)
    for field in part.model_fields.values():
        for family, union in _families(field.annotation, field.metadata):
            found.setdefault(family.name, {}).update(family.members(union))
        for child in _named(field.annotation, field.metadata):
            _collect(child, found, seen)


def _families(annotation: Any, metadata: Any) -> Iterator[tuple[Family, Any]]:
    for mark in metadata or ():
        if isinstance(mark, Family):
            yield mark, annotation
    for argument in get_args(annotation):
        if hasattr(argument, "__metadata__"):
            yield from _families(argument.__origin__, argument.__metadata__)
        else:
            yield from _families(argument, ())


def _named(annotation: Any, metadata: Any) -> Iterator[type[Part]]:
    for family, union in _families(annotation, metadata):
        yield from family.members(union).values()
    if inspect.isclass(annotation) and issubclass(annotation, Part):
        yield annotation
    for argument in get_args(annotation):
        yield from _named(getattr(argument, "__origin__", argument), ())
