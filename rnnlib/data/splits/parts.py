"""A data set in parts: assigned, checked, filled, and its holdout sealed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Bool
from numpy import ndarray

from rnnlib.data.batching.next_tokens import tells_nothing_else
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.holdout import sealed
from rnnlib.data.splits.fill import filled
from rnnlib.data.splits.method import SplitMethod
from rnnlib.data.times.time import shown_times
from rnnlib.errors import DataError

PARTS = (PartOf.train, PartOf.validation, PartOf.test)


def split(data: DataSet, section: SplitMethod, seed: int) -> DataSet:
    """The data set with the part of every row, its missing values filled, and facts about the cuts.

    A missing value is filled from its own part and the parts before it in its sequence, never from a later one.
    Raises `Refused` or `DataError` that point into the section.
    """
    data = replace(data, part=section.assign(data, seed), official=None, file_of_row=None)
    _check_parts(data)
    _check_classes(data)
    data = filled(data)
    data = data.with_about(split={"section": section.model_dump(mode="json"), "parts": cuts(data)})
    return sealed(data)


def cuts(data: DataSet) -> dict[str, dict[str, Any]]:
    """Of every part: its rows, the sequences that they are of, and the first and last time (ISO 8601)."""
    found = {}
    for part in PARTS:
        rows = data.rows_of(part)
        if rows.any():
            found[part.name] = {
                "rows": int(rows.sum()),
                "sequences": len(np.unique(data.sequence_of_row[rows])),
                **_span(data, rows),
            }
    return found


def _span(data: DataSet, rows: Bool[ndarray, " rows"]) -> dict[str, str]:
    if data.times is None or data.about.time is None:
        return {}
    times = data.times[rows]
    ends = shown_times(np.array([times.min(), times.max()]), data.about.time).to_list()
    return {
        name: str(end) if isinstance(end, int) else end.isoformat()
        for name, end in zip(("from", "to"), ends, strict=True)
    }


def _check_parts(data: DataSet) -> None:
    for needed in (PartOf.train, PartOf.test):
        if not data.rows_of(needed).any():
            raise DataError(f"the {needed.name} part has no rows: give it some", at=("by",))
    assert data.part is not None, "checked once assigned"
    assigned = np.flatnonzero(data.part != PartOf.nowhere)
    part, sequence = data.part[assigned], data.sequence_of_row[assigned]
    same = sequence[1:] == sequence[:-1]
    if (back := same & (part[1:] < part[:-1])).any():
        key = data.sequences["key"][int(sequence[1:][back][0])]
        rule = "within a sequence train comes before validation, and validation before test"
        raise DataError(f"{rule}; in `{key}` a later part comes first: cut it into several sequences", at=("by",))
    cut = data.having("target") or tells_nothing_else(data)
    if not cut and (inside := same & (part[1:] != part[:-1])).any():
        key = data.sequences["key"][int(sequence[1:][inside][0])]
        raise DataError(f"a whole sequence lies in one part, and `{key}` in two: name one for all its rows", at=("by",))


def _check_classes(data: DataSet) -> None:
    """Classes in words: two of them in train, and none that train lacks elsewhere."""
    if "label" not in data.sequences.columns or data.sequences["label"].dtype.is_numeric():
        return
    name = data.about.names.get("label", "label")
    classes = {part: _classes(data, part) for part in PARTS}
    train = classes[PartOf.train]
    if len(train) < 2:
        rule = f"a classifier needs two classes in train, and it has {', '.join(f'`{one}`' for one in train) or 'none'}"
        raise DataError(f"{rule}: add sequences of another class, or split otherwise", column=name, at=("by",))
    for part in (PartOf.validation, PartOf.test):
        if lost := sorted(classes[part] - train):
            rule = f"every class must be in train, and `{lost[0]}` is in {part.name} only"
            raise DataError(f"{rule}: write `stratify: true`, or add sequences of it", column=name, at=("by",))


def _classes(data: DataSet, part: PartOf) -> set[str]:
    members = np.unique(data.sequence_of_row[data.rows_of(part)])
    return set(data.sequences["label"].gather(members).drop_nulls().cast(pl.String))
