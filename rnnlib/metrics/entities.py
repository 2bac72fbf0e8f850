"""Entities: runs of tags that belong together, in the IOB2 form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rnnlib.errors import Refused
from rnnlib.metrics.cases import Labels


class Entity(NamedTuple):
    """A run of steps with one type."""

    type: str
    first: int
    """The first of its cases."""
    end: int
    """The case behind its last one."""


def entities(tags: Sequence[str], run: Sequence[int]) -> Iterator[Entity]:
    """The entities of tags `B-type`, `I-type` and `O`; none reaches from one run of steps into the next.

    One begins at `B-type`, and at an `I-type` that continues nothing, as the scorer of CoNLL counts it.

    Source: Tjong Kim Sang and Buchholz 2000, "Introduction to the CoNLL-2000 shared task: chunking".
    """
    parts = [tag.partition("-") for tag in tags]
    breaks = [True, *(one != other for one, other in pairwise(run)), True]
    begins = 0
    for at in range(1, len(parts) + 1):
        continued = not breaks[at] and parts[at][0] == "I" and parts[at][2] == parts[at - 1][2] and parts[at - 1][1]
        if not continued:
            if parts[at - 1][1]:
                yield Entity(parts[at - 1][2], begins, at)
            begins = at


class Found(NamedTuple):
    """How many entities there are."""

    right: int
    """Told with their type and both of their ends."""
    told: int
    true: int


def found(cases: Labels) -> Found:
    """The entities of the cases, as they are and as they are told. Raises `Refused` where tags are in no IOB2 form."""
    for tag in {*cases.truth, *cases.classes}:
        if tag != "O" and not tag.startswith(("B-", "I-")):
            rule = "entities are read off tags such as `B-name`, `I-name` and `O`"
            raise Refused(f"{rule}: received `{tag}`; take `macro_f1`, or write the tags so")
    run = cases.run if cases.run is not None else (0,) * len(cases.truth)
    true, told = (set(entities(tags, run)) for tags in (cases.truth, cases.predicted))
    return Found(len(true & told), len(told), len(true))
