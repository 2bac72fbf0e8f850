"""Pydantic's findings in a person's words: the rule, the value received, the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flows.problems import shown
from flows.walk import Found, field_names
from rnnlib.errors import nearest

_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of at most 18 digits",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "tuple_type": "a list",
    "list_type": "a list",
    "frozenset_type": "a list",
    "set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "nothing",
    "finite_number": "a finite number",
}

_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
    "multiple_of": ("a multiple of", "multiple_of"),
}


def choice(word: object, among: Iterable[str]) -> str:
    """`; did you mean …?`, or the list of what is known."""
    known = list(among)
    hit = nearest(word, known)
    return f"; did you mean `{hit}`?" if hit else f"; known: {', '.join(known)}"


def choices(error: Mapping[str, Any]) -> list[str]:
    """The words that a literal field takes."""
    return [word.strip(" '") for word in error["ctx"]["expected"].replace(" or ", ", ").split(",")]


def worded(error: Mapping[str, Any], found: Found) -> str:
    """One pydantic error as `rule: value received; remedy`."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        known = field_names(found.owner) if found.owner else []
        return f"unknown field{choice(found.path[-1], known)}"
    if kind == "missing":
        about = found.field.description if found.field else None
        return f"required field is missing{f': {about}' if about else ''}"
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"must be {words} {context[bound]:g}, received {shown(found.value)}{_meaning(found)}"
    if kind in _EXPECTED and found.tags:
        tag = "task" if found.path[:-1] == ("steps",) else "kind"
        return f"expected a mapping with `{tag}`, received {shown(found.value)}{_meaning(found)}"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, received {shown(found.value)}{_meaning(found)}"
    if kind in ("literal_error", "enum"):
        return f"unknown value {shown(found.value)}{choice(found.value, choices(error))}"
    if kind == "too_short":
        return f"needs at least {context['min_length']}, received {context['actual_length']}{_meaning(found)}"
    if kind == "too_long":
        return f"takes at most {context['max_length']}, received more{_meaning(found)}"
    if kind == "string_pattern_mismatch":
        return f"must match `{context['pattern']}`, received {shown(found.value)}{_meaning(found)}"
    if kind == "value_error":
        return str(context["error"])
    return str(error["msg"])


def _meaning(found: Found) -> str:
    about = found.field.description if found.field else None
    return f" ({about})" if about else ""
