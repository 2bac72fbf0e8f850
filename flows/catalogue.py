"""What a spec can name: every family, every part, every field, read from the code itself (`rnn list`)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from flows.spec import Spec
from rnnlib.metrics.table import METRICS
from rnnlib.part import Part, families, parts


class FieldEntry(NamedTuple):
    """A field of a part, as a person writes it."""

    name: str
    type: str
    default: str
    description: str


class PartEntry(NamedTuple):
    """A part that a spec can name."""

    family: str
    name: str
    summary: str
    fields: tuple[FieldEntry, ...]


def catalogue() -> list[PartEntry]:
    """Every part, by family; tasks first, then in the order in which a spec reaches them."""
    found = families(Spec)
    order = ["task", *(name for name in found if name != "task")]
    named = [entry(family, tag, part) for family in order for tag, part in found[family].items()]
    members = {part for family in found.values() for part in family.values()}
    sections = [part for part in parts(Spec) if part not in members and part is not Spec]
    metrics = [PartEntry("metric", name, _first_line(metric), ()) for name, metric in METRICS.items()]
    return [*named, *(entry("section", part.__name__, part) for part in sections), *metrics]


def entry(family: str, tag: str, part: type[Part]) -> PartEntry:
    """One part with its fields."""
    return PartEntry(family, tag, _first_line(part), tuple(fields_of(part)))


def _first_line(documented: object) -> str:
    return (documented.__doc__ or "").strip().splitlines()[0]


def fields_of(part: type[Part]) -> list[FieldEntry]:
    """The fields of a part without its tag."""
    properties = part.model_json_schema(by_alias=True).get("properties", {})
    out = []
    for name, field in part.model_fields.items():
        if name in ("kind", "task"):
            continue
        written = field.alias or name
        out.append(FieldEntry(written, _type(properties.get(written, {})), _default(field), field.description or ""))
    return out


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default if field.default is not PydanticUndefined else field.get_default(call_default_factory=True)
    if isinstance(value, Part):
        tag = getattr(value, "kind", None)
        return str(tag) if tag else "{}"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else re.sub(r"^\(\)$", "[]", str(value))


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "oneOf" in schema or "discriminator" in schema:
        return "one of " + ", ".join(schema.get("discriminator", {}).get("mapping", {}))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    kind = schema.get("type", "any")
    if kind == "array":
        inner = schema.get("items") or {}
        return f"list of {_type(inner)}" if isinstance(inner, dict) and inner else "list"
    if kind == "string" and schema.get("examples"):
        return f"text like {schema['examples'][0]}"
    words = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true | false"}
    return words.get(str(kind), "mapping") + _bounds(schema)


def _bounds(schema: dict[str, Any]) -> str:
    names = (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"))
    found = [f"{sign} {schema[name]:g}" for name, sign in names if name in schema]
    return f" {', '.join(found)}" if found else ""
