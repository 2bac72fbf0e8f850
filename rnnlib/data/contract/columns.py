"""The columns of a table held against its contract: renamed, missing, extra, reordered, retyped, new categories."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher

import numpy as np
import polars as pl

from rnnlib.data.columns import as_text, spelled, word
from rnnlib.data.contract.describing import numbers_seen
from rnnlib.data.contract.difference import Difference
from rnnlib.data.contract.jumps import ALIKE
from rnnlib.data.origin import Origin
from rnnlib.data.seen import Contract, SeenColumn
from rnnlib.data.text_types import as_numbers

_SIMILAR = 0.6
_NUMERIC = ("number", "whole number", "true or false")


def column_differences(
    frame: pl.DataFrame, accepted: Contract, needed: Collection[str], origin: Origin
) -> Iterator[Difference]:
    """What differs between a table's columns and those that were accepted; `needed` are those that have a role."""
    before = [column.name for column in accepted.columns]
    gone = [name for name in before if name not in frame.columns]
    new = [name for name in frame.columns if name not in before]
    renamed = renamed_to(frame, accepted, gone, [name for name in new if name not in needed])
    file = origin.files[0] if len(origin.files) == 1 else None
    for name, other in renamed.items():
        message = f"the column `{name}` is gone and `{other}` is new: it looks renamed; name it `{name}` again"
        yield Difference("renamed", message, name, file=file)
    for name in (name for name in gone if name not in renamed):
        message = "the contract has this column, and it is not there"
        yield Difference("missing" if name in needed else "absent", message, name, file=file)
    for name in new:
        if name not in needed and name not in renamed.values():
            yield Difference("extra", "the contract knows no such column", name, file=file)
    yield from _reordered(frame.columns, before, file)
    for name in frame.columns:
        seen = accepted.column(name)
        if seen is not None and name in needed:
            yield from _retyped(frame[name], seen, origin)
            yield from new_categories(frame[name], seen, origin)


def renamed_to(frame: pl.DataFrame, accepted: Contract, gone: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Columns that are gone, and the new ones that look like them: by their name, or by their numbers."""
    found: dict[str, str] = {}
    for name in gone:
        seen = accepted.column(name)
        left = [other for other in new if other not in found.values()]
        if seen is None or not left:
            continue
        likeness = {other: _likeness(seen, frame[other]) for other in left}
        best = max(left, key=lambda other: likeness[other])
        if likeness[best] >= _SIMILAR:
            found[name] = best
    return found


def new_categories(values: pl.Series, seen: SeenColumn, origin: Origin) -> Iterator[Difference]:
    """Values that are none of a closed list of categories."""
    if seen.categories is None or not spelled(values.dtype):
        return
    text = as_text(values)
    wrong = (text.is_not_null() & (text != "") & ~text.is_in(list(seen.categories))).fill_null(False)
    if rows := np.flatnonzero(wrong.to_numpy()).tolist():
        file, row = origin.place(rows[0])
        known = ", ".join(f"`{one}`" for one in list(seen.categories)[:10])
        message = f"the contract has the categories {known}: received `{text[rows[0]]}` in {len(rows)} rows"
        yield Difference("category", message, seen.name, row, file, len(rows))


def _likeness(seen: SeenColumn, values: pl.Series) -> float:
    """1 for equal names but for case and signs; else how alike the names are; .9 for the same distribution."""
    if _sort(word(values.dtype)) != _sort(seen.type):
        return 0.0
    one, other = (name.casefold().replace("_", "").replace(" ", "") for name in (seen.name, values.name))
    if one == other:
        return 1.0
    named = SequenceMatcher(None, one, other).ratio()
    if seen.quantiles is None or not values.dtype.is_numeric():
        return named
    drawn = numbers_seen(values.cast(pl.Float64).fill_null(float("nan")).to_numpy()).get("quantiles")
    width = seen.quantiles[-1] - seen.quantiles[0]
    if not isinstance(drawn, tuple) or width == 0:
        return named
    apart = float(np.abs(np.subtract(drawn, seen.quantiles)).max() / width)
    return max(named, 0.9) if apart < ALIKE / 2 else named * (apart < 1)


def _reordered(now: Sequence[str], before: Sequence[str], file: str | None) -> Iterator[Difference]:
    kept = [name for name in before if name in now]
    ordered = [name for name in now if name in before]
    moved = sum(one != other for one, other in zip(kept, ordered, strict=True))
    if moved:
        first = next(one for one, other in zip(ordered, kept, strict=True) if one != other)
        yield Difference(
            "reordered", f"the contract has {', '.join(kept[:20])}: received {', '.join(ordered[:20])}", first,
            file=file, amount=moved,
        )  # fmt: skip


def _retyped(values: pl.Series, seen: SeenColumn, origin: Origin) -> Iterator[Difference]:
    received = word(values.dtype)
    read = seen.role in ("label", "tags", "series", "sample", "time")
    same = received == seen.type if read else _sort(received) == _sort(seen.type)
    if same or values.dtype == pl.Null or seen.categories is not None:
        return
    wrong = values.is_not_null()
    if seen.type in _NUMERIC and values.dtype == pl.String:
        wrong &= as_numbers(values).is_null()
    rows = np.flatnonzero(wrong.to_numpy())
    row = int(rows[0]) if rows.size else 0
    file, number = origin.place(row)
    message = f"the contract has values of type {seen.type}: received type {received}, `{str(values[row])[:60]}`"
    yield Difference("retyped", message, seen.name, number, file)


def _sort(type_: str) -> str:
    return "number" if type_ in _NUMERIC else type_
