"""Everything that is wrong with the values of a spec, found at once: what hides other errors is repaired in a copy."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from flows.known import immutable
from flows.messages import choice, worded
from flows.problems import shown
from flows.spec import Spec, task_classes
from flows.walk import Found, follow
from rnnlib.errors import Location, nearest

_MOST_REPAIRS = 8
"""A wrong tag hides what is wrong below it: that often it is replaced by its nearest neighbour and looked at again."""


Finding = tuple[Location, str, bool]
"""A path, a message, and whether the key (rather than the value) is to be pointed at."""


def validated(values: Any) -> tuple[Spec | None, dict[tuple[Location, str], Finding]]:
    """The spec, and what is wrong with it. Works on a copy in which wrong tags are repaired to see below them."""
    if not isinstance(values, dict):
        rule = "a spec is a mapping of `version`, `name` and `steps`"
        return None, {((), "type"): ((), f"{rule}, received {shown(values)}", False)}
    guess = copy.deepcopy(values)
    found: dict[tuple[Location, str], Finding] = {}
    spec = None
    for _ in range(_MOST_REPAIRS):
        try:
            spec = _strictly(guess)
            break
        except ValidationError as error:
            errors = error.errors(include_url=False)
        if not _take_in(errors, guess, found):
            break
    return (None if found else spec), found


def _strictly(values: Any) -> Spec:
    """The spec; lists go in as tuples, which is what strict validation takes once a validator has run before it."""
    return Spec.model_validate(immutable(values), strict=True)


def _take_in(errors: Sequence[Any], guess: dict[str, Any], found: dict[tuple[Location, str], Finding]) -> bool:
    """Adds what is new among `errors`; True where a tag was repaired, so that it pays to look again."""
    repaired = False
    for error in _together(errors, guess):
        target = follow(Spec, guess, error["loc"])
        if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
            repaired |= _tag(error, target, guess, found)
            continue
        if error["type"] == "too_short" and len(target.value) >= error["ctx"]["min_length"]:
            continue  # pydantic counts the items that are right; those that are wrong say so themselves
        path, message, key = target.path, worded(error, target), error["type"] in ("extra_forbidden", "missing")
        if error["type"] == "refused":
            path, key = (*path, *error["ctx"]["at"]), False
            repaired |= _emptied(path, guess)
        kind = "type" if error["type"].endswith(("_type", "_error")) else error["type"]
        before = found.get((path, kind))
        if before is not None and error["type"] != "missing" and message not in before[1] and _alternatives(error):
            # the members of a union of plain types complain one by one: they are alternatives
            found[path, kind] = (path, f"{before[1].split(', received')[0]}, or {message}", key)
        elif before is None:
            found[path, kind] = (path, message, key)
    return repaired


def _emptied(path: Location, guess: dict[str, Any]) -> bool:
    """Whether an empty section stood there, which hid what is wrong with all the others; it is one without fields."""
    if len(path) != 2 or path[0] != "steps" or guess["steps"][path[1]] is not None:
        return False
    guess["steps"][path[1]] = {}
    return True


def _together(errors: Sequence[Any], guess: dict[str, Any]) -> list[Any]:
    """Words that several members of a union take, in one error that names them all."""
    words: dict[Location, Any] = {}
    out = []
    for error in errors:
        path = follow(Spec, guess, error["loc"]).path
        if error["type"] == "literal_error" and path in words:
            words[path]["ctx"]["expected"] += f", {error['ctx']['expected']}"
            continue
        if error["type"] == "literal_error":
            words[path] = error
        out.append(error)
    return out


def _alternatives(error: Mapping[str, Any]) -> bool:
    return bool(error["type"] == "value_error" or error["type"].endswith("_type"))


def _tag(error: Any, target: Found, guess: dict[str, Any], found: dict[tuple[Location, str], Finding]) -> bool:
    tag = error["ctx"]["discriminator"].strip("'")
    path, node = target.path, target.value
    if not isinstance(node, dict):
        found.setdefault((path, "tag"), (path, f"expected a mapping with `{tag}`, received {shown(node)}", False))
        return False
    known = target.tags
    if error["type"] == "union_tag_not_found" or tag not in node:
        hint = _task_hint(path) if tag == "task" else f"`{tag}` is missing; one of: {', '.join(known)}"
        found.setdefault((path, "tag"), (path, hint, True))
        given = path[-1] if tag == "task" else "?"
    else:
        given = node[tag]
        message = f"unknown {tag} {shown(given)}{choice(given, known)}"
        found.setdefault((path, "tag"), ((*path, tag), message, False))
    node[tag] = nearest(given, known) or _least_wrong(guess, node, tag, known, error["loc"])
    return True


def _task_hint(path: Location) -> str:
    known = task_classes()
    hit = nearest(path[-1], known)
    better = f"did you mean `{hit}`?" if hit else f"give it one with `task:`; known: {', '.join(known)}"
    return f"`{path[-1]}` is no task; {better}"


def _least_wrong(guess: dict[str, Any], node: dict[str, Any], tag: str, known: Sequence[str], at: Location) -> str:
    """No near spelling: the member that complains least about the other fields."""

    def complaints(candidate: str) -> int:
        node[tag] = candidate
        try:
            _strictly(guess)
        except ValidationError as error:
            return sum(one["loc"][: len(at)] == at for one in error.errors(include_url=False, include_input=False))
        return 0

    return min(known, key=complaints)
