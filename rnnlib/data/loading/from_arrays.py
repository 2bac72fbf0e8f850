"""Arrays become a data set: the roles pick columns, nothing is sorted, and no table of all steps is made."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import polars as pl
from jaxtyping import Bool, Float64
from numpy import ndarray

from rnnlib.data.about import About, Column, Holds
from rnnlib.data.arrays import Arrays
from rnnlib.data.columns import groups, labels, numbers, official, word
from rnnlib.data.dataset import DataSet
from rnnlib.data.loading.arrays_as_trained import as_trained
from rnnlib.data.missing import Missing
from rnnlib.data.origin import Origin, SourceColumn
from rnnlib.data.roles import VALUES, Roles
from rnnlib.data.rows import offsets_of
from rnnlib.data.tags import Tags, read_tags


def arrays_to_dataset(
    arrays: Arrays,
    roles: Roles,
    *,
    file: str,
    missing: Missing | None,
    units: Mapping[str, str] = MappingProxyType({}),
    expected: About | None = None,
) -> DataSet:
    """Sequences as a data set; `file` is the name that errors give them.

    With `expected` (the facts of the data that a model was trained on) the columns, their types, the rate and the
    frames are held against those; labels, groups, official parts and tags may then be absent.

    Raises `DataError`.
    """
    origin = Origin.of(file, trained=expected is not None)
    if expected is not None:
        roles = as_trained(arrays, roles, expected, origin)
    written = roles
    roles = arrays.expanded(roles, origin)
    whole = {
        place.role: SourceColumn(arrays.whole[place.column], origin, ("roles", *place.at))
        for place in roles.places()
        if place.column in arrays.whole and place.role != "static"
    }
    raw = arrays.values(_names(roles))
    observed = ~np.isnan(raw)
    if missing is None:
        _refuse_missing(observed, arrays, roles, origin)
    tags = _tags(arrays, roles, origin)
    return DataSet(
        about=_about(arrays, written, roles, tags, missing=missing, units=units),
        raw=raw,
        offsets=offsets_of(arrays.lengths),
        sequences=_sequences(whole, labelled=expected is None),
        observed=None if observed.all() else observed,
        static=_static(arrays, roles, origin),
        official=np.repeat(official(whole["part"]), arrays.lengths) if "part" in whole else None,
        tags=None if tags is None else tags.values,
    )


def _names(roles: Roles) -> tuple[str, ...]:
    """The columns of the flat array, in its order."""
    return tuple(name for role in VALUES for name in getattr(roles, role))


def _sequences(whole: Mapping[str, SourceColumn], *, labelled: bool) -> pl.DataFrame:
    table = pl.DataFrame({"key": whole["series" if "series" in whole else "sample"].values.cast(pl.String)})
    if "label" in whole:
        table = table.with_columns(labels(whole["label"], needed=labelled).values.alias("label"))
    if "group" in whole:
        table = table.with_columns(groups(whole["group"]).values.alias("group"))
    return table


def _static(arrays: Arrays, roles: Roles, origin: Origin) -> Float64[ndarray, "sequences statics"] | None:
    if not roles.static:
        return None
    columns = [SourceColumn(arrays.whole[name], origin, ("roles", "static")) for name in roles.static]
    read = [numbers(column) for column in columns]
    for column, values in zip(columns, read, strict=True):
        column.refuse_where(np.isnan(values), "a static value is never missing")
    return np.column_stack(read)


def _tags(arrays: Arrays, roles: Roles, origin: Origin) -> Tags | None:
    """Numbers as they are; words by way of a series."""
    if not roles.tags:
        return None
    known = arrays.named()
    found = [arrays.steps[known[name][0]] for name in roles.tags]
    if all(array.dtype.kind != "U" for array in found):
        return Tags(arrays.values(roles.tags))
    series = [pl.Series(name, arrays.steps[known[name][0]][:, known[name][1]]) for name in roles.tags]
    return read_tags([SourceColumn(one, origin, ("roles", "tags")) for one in series])


def _about(
    arrays: Arrays,
    written: Roles,
    roles: Roles,
    tags: Tags | None,
    *,
    missing: Missing | None,
    units: Mapping[str, str],
) -> About:
    known = arrays.named()
    of_columns = {name: units[known[name][0]] for name in _names(roles) if known[name][0] in units}
    used = {place.column for place in roles.places()}
    types = {name: word(pl.Series(arrays.steps[block][:1, place]).dtype) for name, (block, place) in known.items()}
    types |= {name: word(series.dtype) for name, series in arrays.whole.items()}
    columns = roles.columns({**of_columns, **{name: units[name] for name in _names(written) if name in units}})
    return About(
        columns=tuple(one.model_copy(update={"holds": _holds(arrays, known[one.name][0], one)}) for one in columns),
        rate=arrays.rate,
        frame=arrays.frame,
        repairs=dict(arrays.repairs),
        static=roles.static,
        tags=roles.tags,
        tag_words=None if tags is None else tags.words,
        roles=roles.model_dump(mode="json", exclude_defaults=True),
        names=roles.names(),
        types={name: kind for name, kind in types.items() if name in used},
        ignored=tuple(name for name in types if name not in used),
        missing=None if missing is None else missing.model_dump(mode="json", exclude_defaults=True),
    )


def _holds(arrays: Arrays, block: str, column: Column) -> Holds:
    return arrays.holds.get(block, column.holds)


def _refuse_missing(observed: Bool[ndarray, "rows columns"], arrays: Arrays, roles: Roles, origin: Origin) -> None:
    if observed.all():
        return
    row, column = (int(number) for number in np.argwhere(~observed)[0])
    offsets = offsets_of(arrays.lengths)
    sequence = int(np.searchsorted(offsets, row, side="right")) - 1
    rule = f"a value is missing, step {row - int(offsets[sequence]) + 1} of sequence {sequence} (counted from 0)"
    remedy = "complete the data, or say with `missing` what becomes of it"
    remedy = "complete it, or train again with `missing` in the spec's `load`" if origin.trained else remedy
    raise origin.whole(f"{rule}: {remedy}", _names(roles)[column])
