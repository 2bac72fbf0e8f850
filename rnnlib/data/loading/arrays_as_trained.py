"""New recordings, frames and arrays held against what a model was trained on."""

from __future__ import annotations

from typing import Any

import polars as pl

from rnnlib.data.about import About
from rnnlib.data.arrays import Arrays
from rnnlib.data.columns import word
from rnnlib.data.loading.as_trained import not_needed, refuse_retyped
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.roles import Roles
from rnnlib.errors import near


def as_trained(arrays: Arrays, roles: Roles, expected: About, origin: Origin) -> Roles:
    """The roles whose columns are there.

    Raises `DataError` for a column that the model reads and does not get or that is of another type, for another rate
    and for frames of another size.
    """
    steps, optional = arrays.named(), not_needed(expected)
    known = [*arrays.whole, *steps]
    for place in roles.places():
        if place.role not in (*optional, "tags") and place.column not in known:
            rule = f"the model reads this column ({place.role}), and it is missing"
            raise origin.whole(f"{rule}: {near(place.column, known)}", place.column)
        if place.column in steps and place.role != "tags":
            block, at = steps[place.column]
            received = word(pl.Series(arrays.steps[block][:1, at]).dtype)
            if received == "text":
                rule = f"the model was trained on numbers, and this is of type {received}"
                raise origin.whole(f"{rule}: write numbers", place.column)
        elif place.role == "static":
            refuse_retyped(SourceColumn(arrays.whole[place.column], origin, ()), expected)
    drawn = expected.encoders == ()  # what is drawn comes from no files, and is known as long as nothing encodes it
    made = {"rate": expected.rate if drawn else None, "frame": expected.frame if drawn else None}
    trained: dict[str, Any] = expected.source or made
    if arrays.rate != trained["rate"]:
        rule = f"the model was trained on {_per_second(trained['rate'])}"
        raise origin.whole(f"{rule}: received {_per_second(arrays.rate)}; resample it, or train again with `rate`")
    frame = None if trained["frame"] is None else tuple(trained["frame"])
    if arrays.frame != frame:
        rule = f"the model was trained on frames of {_size(frame)}"
        raise origin.whole(f"{rule}: received {_size(arrays.frame)}; scale them, or train again on such frames")
    absent = {role: None for role in optional if getattr(roles, role) not in (None, *arrays.whole)}
    return roles.model_copy(update={**absent, "tags": ()})


def _per_second(rate: float | None) -> str:
    return "steps of no rate" if rate is None else f"{rate:g} a second"


def _size(frame: tuple[int, ...] | None) -> str:
    return "no size" if frame is None else f"{frame[0]} × {frame[1]} pixels of {frame[2]}"
