"""What is wrong with text that is no YAML: the rule, the remedy, and the place where a person mends it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError, StreamMark

_SAID = (
    (r"found character '\\t'", "lines are indented by spaces, and this is a tab: write spaces in its place"),
    (r"found character '(.)' that cannot start", "no value begins with `{0}`: put it in quotes"),
    (
        r"escape character|expected escape",
        "in double quotes `\\` begins an escape, and this is none: write `\\\\`, or take single quotes",
    ),
    (
        r"mapping values are not allowed",
        "a `key: value` stands where none can: indent it as the others, or put a text with `: ` in quotes",
    ),
    (
        r"sequence entries are not allowed",
        "a list of `- item` begins on a line of its own: begin one, or write `[item]`",
    ),
    (r"<block end>, but found '?([\]}}])", "this `{0}` closes nothing: take it out, or write what opens it"),
    (r"<block end>", "a line stands as far in as its neighbours, and this one does not: indent it as they are"),
    (r"another document", "a spec is one document, and another begins here: take it out, or give it its own file"),
    (r"expected alphabetic", "anchors and aliases are not allowed: put a text that begins so in quotes"),
)
"""What the parser says of a place, and what that is to a person."""


class Misspelt(NamedTuple):
    """What is wrong, and where it is mended; no mark where the parser tells none."""

    mark: StreamMark | None
    message: str


def misspelt(error: MarkedYAMLError, opened: Sequence[StreamMark], text: str) -> Misspelt:
    """What the parser's `error` means; `opened` are the brackets and braces that were open by then."""
    problem, mark = str(error.problem or error), error.problem_mark or error.context_mark
    if opened and re.search(r"expected (',' or|the node content)", problem):
        sign = text.splitlines()[opened[-1].line][opened[-1].column]
        until = (
            "" if mark is None or mark.line == opened[-1].line else f", and line {mark.line + 1} is none of its items"
        )
        return Misspelt(opened[-1], f"this `{sign}` is not closed{until}: close it, or put commas between its items")
    if "end of stream" in problem and "quoted" in str(error.context):
        return Misspelt(error.context_mark, "this quote is never closed: close it")
    if "could not find expected ':'" in problem:
        rule = "a line is `key: value` or `- item`, and this is neither"
        return Misspelt(error.context_mark, f"{rule}: complete it, or put a text of several lines in quotes")
    for pattern, message in _SAID:
        if found := re.search(pattern, problem):
            return Misspelt(mark, message.format(*found.groups()))
    return Misspelt(mark, f"this is no YAML ({problem}): correct the line, or put the text in quotes")
